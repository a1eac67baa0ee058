-- Read a page of a log's entries stream by stream, below a size: by subject, then version.
-- $1 log_id, $2 subject and $3 version after which to begin, $4 size, $5 limit, $6 the subject before which to end
SELECT subject, version, entry FROM event
WHERE log_id = $1 AND (subject, version) > ($2, $3) AND subject < $6 AND position < $4
ORDER BY subject, version LIMIT $5
