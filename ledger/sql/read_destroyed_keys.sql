-- Read the ids of all destroyed keys of a log.
-- $1 log_id
SELECT key_id FROM subject_key WHERE log_id = $1 AND destroyed IS NOT NULL
