-- Read size and root of the last checkpoint of one origin of a log: of all, or of those up to a size.
-- $1 log_id, $2 origin, $3 size or null
SELECT size, root FROM checkpoint
WHERE log_id = $1 AND origin = $2 AND ($3::bigint IS NULL OR size <= $3)
ORDER BY size DESC LIMIT 1
