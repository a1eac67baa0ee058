-- Read the keys with which an origin signs now, oldest first.
-- $1 log_id, $2 origin
SELECT vkey FROM log_key
WHERE log_id = $1 AND origin = $2 AND (retired IS NULL OR retired > clock_timestamp())
ORDER BY created, key_id
