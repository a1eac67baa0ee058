-- Find of which streams these events of a log are, below a size.
-- $1 log_id, $2 ids, $3 size
SELECT id, subject FROM event WHERE log_id = $1 AND id = ANY($2::text[]) AND position < $3
