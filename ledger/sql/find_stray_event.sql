-- Find the first event outside its log: before the first position, or not below the size that the head says.
-- $1 log_id
SELECT position FROM event WHERE log_id = $1 AND position < 0
UNION ALL
SELECT position FROM event WHERE log_id = $1 AND position >= (SELECT size FROM log_head WHERE log_head.log_id = $1)
ORDER BY position LIMIT 1
