-- Read every event of these streams below a size, stream by stream, in order of version.
-- $1 log_id, $2 subjects, $3 size
SELECT subject, entry FROM event
WHERE log_id = $1 AND subject = ANY($2::text[]) AND position < $3
ORDER BY subject, version
