-- Find the entries of a span of a log that hold these bytes.
-- $1 log_id, $2 first position, $3 end, $4 bytes
SELECT entry FROM event
WHERE log_id = $1 AND event.position >= $2 AND event.position < $3 AND position($4::bytea IN entry) > 0
