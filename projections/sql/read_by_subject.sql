-- Read a page of a log's entries stream by stream: of each subject the last version, how many events were looked at, how
-- many of them are below a size, and their entries, each in a line of its own, by version; null where there are none. The
-- page is bounded by what is looked at, not by what is found: of a long log's beginning most subjects have nothing. Its
-- length is hidden from the planner, who without statistics expects fewer, and sorts all that there are for each page.
-- $1 log_id, $2 subject and $3 version after which to begin, $4 size, $5 limit, $6 the subject before which to end
SELECT subject, max(version) AS version, count(*) AS looked_at, count(*) FILTER (WHERE position < $4) AS found,
    string_agg(entry, '\x0a' ORDER BY version) FILTER (WHERE position < $4) AS entries
FROM (
    SELECT subject, version, position, entry FROM event
    WHERE log_id = $1 AND (subject, version) > ($2, $3) AND subject < $6
    ORDER BY subject, version LIMIT (SELECT $5::integer)
) AS page
GROUP BY subject ORDER BY subject
