-- Move the locked head of a log forward.
-- $1 log_id, $2 new size, $3 new frontier, $4 recordedtime of the commit
UPDATE log_head SET size = $2, frontier = $3, recordedtime = $4 WHERE log_id = $1
