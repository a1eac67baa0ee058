-- Read the size of one log.
-- $1 log_id
SELECT size FROM log_head WHERE log_id = $1
