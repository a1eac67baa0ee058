-- Read every key that a log has ever signed with, of all its origins, oldest first.
-- $1 log_id
SELECT origin, vkey FROM log_key WHERE log_id = $1 ORDER BY created, key_id
