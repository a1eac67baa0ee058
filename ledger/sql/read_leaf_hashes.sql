-- Read the leaf hashes of a range of positions, in order.
-- $1 log_id, $2 first position, $3 end
SELECT leaf_hash AS hashes FROM event WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position
