-- Read a page of a long log's entries as `read_by_subject` does: where it ends is told by the index alone, and its events
-- are then read in the order in which they stand on the disk (`scattered_events`, migration 021).
-- $1 log_id, $2 subject and $3 version after which to begin, $4 size, $5 limit, $6 the subject before which to end
WITH last AS (
    SELECT subject, version FROM event
    WHERE log_id = $1 AND (subject, version) > ($2, $3) AND subject < $6
    ORDER BY subject, version OFFSET $5 - 1 LIMIT 1
)
SELECT subject, max(version) AS version, count(*) AS looked_at, count(entry) AS found,
    string_agg(entry, '\x0a' ORDER BY version) AS entries
FROM scattered_events(
    $1, $2, $3, coalesce((SELECT subject FROM last), $6), coalesce((SELECT version FROM last), 0), $4
) AS page
GROUP BY subject ORDER BY subject
