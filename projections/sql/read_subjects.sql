-- Read a page of the subjects that a log knows, in order.
-- $1 log_id, $2 subject after which to begin, $3 limit
SELECT subject FROM event WHERE log_id = $1 AND version = 1 AND subject > $2 ORDER BY subject LIMIT $3
