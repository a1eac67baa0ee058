-- Read what hard rules need of streams, in order of version: of every event the version, and the entry where its type
-- takes part in a rule, or where the stream is wanted whole. Versions and types stand in the index: of the table, which
-- is as large as the log, only those entries are read.
-- $1 log_id, $2 subjects, $3 types that take part in rules, $4 subjects wanted whole
SELECT placed.subject, placed.version,
    CASE WHEN placed.type = ANY($3::text[]) OR placed.subject = ANY($4::text[]) THEN (
        SELECT entry FROM event WHERE log_id = $1 AND subject = placed.subject AND version = placed.version
    ) END AS entry
FROM event AS placed WHERE placed.log_id = $1 AND placed.subject = ANY($2::text[])
ORDER BY placed.subject, placed.version
