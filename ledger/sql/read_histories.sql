-- Read what is needed of streams to judge their next events, in order of version: of some the newest version alone, which
-- is one step into the index; of others that of every event, with the entry where its type takes part in a rule, or where
-- the stream is wanted whole. Versions and types stand in the index: of the table, which is as large as the log, only
-- those entries are read. One statement for both: a commit of a few events waits for each.
-- $1 log_id, $2 subjects whose newest version is enough, $3 the others, $4 types that take part in rules,
-- $5 which of the others are wanted whole
SELECT asked.subject, newest.version, NULL::bytea AS entry
FROM unnest($2::text[]) AS asked (subject)
CROSS JOIN LATERAL (
    SELECT version FROM event WHERE log_id = $1 AND event.subject = asked.subject ORDER BY version DESC LIMIT 1
) AS newest
UNION ALL
SELECT placed.subject, placed.version,
    CASE WHEN placed.type = ANY($4::text[]) OR placed.subject = ANY($5::text[]) THEN (
        SELECT entry FROM event WHERE log_id = $1 AND subject = placed.subject AND version = placed.version
    ) END AS entry
FROM event AS placed WHERE placed.log_id = $1 AND placed.subject = ANY($3::text[])
ORDER BY subject, version
