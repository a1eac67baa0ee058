-- Find one event by its id.
-- $1 log_id, $2 id
SELECT position, version, recordedtime, leaf_hash, entry FROM event WHERE log_id = $1 AND id = $2
