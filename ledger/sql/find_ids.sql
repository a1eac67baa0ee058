-- Find which of these ids a log has already.
-- $1 log_id, $2 ids
SELECT id, position, version, recordedtime, leaf_hash, entry FROM event WHERE log_id = $1 AND id = ANY($2::text[])
