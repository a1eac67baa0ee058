-- Read a page of a log's events with everything that is stored beside the entries.
-- $1 log_id, $2 first position, $3 end, $4 limit
SELECT position, version, recordedtime, id, subject, type, leaf_hash, entry FROM event
WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position LIMIT $4
