-- Read the head of a log as it is stored.
-- $1 log_id
SELECT size, frontier, recordedtime FROM log_head WHERE log_id = $1
