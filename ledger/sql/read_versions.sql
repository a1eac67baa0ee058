-- Read the versions of streams that there are: of each that of its newest event, one step into the index.
-- $1 log_id, $2 subjects
SELECT asked.subject, newest.version
FROM unnest($2::text[]) AS asked(subject)
CROSS JOIN LATERAL (
    SELECT version FROM event WHERE log_id = $1 AND event.subject = asked.subject ORDER BY version DESC LIMIT 1
) AS newest
