-- Read a page of the places of a log's events, stream by stream, below a size: by subject, then version.
-- $1 log_id, $2 subject and $3 version after which to begin, $4 size, $5 limit
SELECT subject, version, position FROM event
WHERE log_id = $1 AND (subject, version) > ($2, $3) AND position < $4
ORDER BY subject, version LIMIT $5
