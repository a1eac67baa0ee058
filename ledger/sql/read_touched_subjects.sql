-- Read the subjects that others appended to.
-- $1 log_id, $2 first position, $3 end
SELECT DISTINCT subject FROM event WHERE log_id = $1 AND position >= $2 AND position < $3
