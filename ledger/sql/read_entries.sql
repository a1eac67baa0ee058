-- Read a page of entries from a position on, in order.
-- $1 log_id, $2 first position, $3 end, $4 limit
SELECT position, entry, leaf_hash FROM event
WHERE log_id = $1 AND position >= $2 AND position < $3
ORDER BY position LIMIT $4
