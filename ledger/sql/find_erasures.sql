-- Find the events of a type on a data subject in a log, in order.
-- $1 log_id, $2 subject, $3 type
SELECT id, position, version, recordedtime, leaf_hash, entry FROM event
WHERE log_id = $1 AND subject = $2 AND type = $3
ORDER BY position
