-- Read a page of entries in order, with their places in their streams.
-- $1 log_id, $2 first position, $3 end
SELECT position, subject, version, entry FROM event
WHERE log_id = $1 AND position >= $2 AND position < $3
ORDER BY position
