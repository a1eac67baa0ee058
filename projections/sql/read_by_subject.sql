-- Read a page of a log's entries stream by stream: by subject, then version; null where one is not below a size. The page
-- is bounded by what is looked at, not by what is found: of a long log's beginning most subjects have nothing.
-- $1 log_id, $2 subject and $3 version after which to begin, $4 size, $5 limit, $6 the subject before which to end
SELECT subject, version, CASE WHEN position < $4 THEN entry END AS entry FROM event
WHERE log_id = $1 AND (subject, version) > ($2, $3) AND subject < $6
ORDER BY subject, version LIMIT $5
