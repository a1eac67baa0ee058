-- Read what hard rules need of streams, in order of version: of every event the version, and the entry where its type
-- takes part in a rule, or where the stream is wanted whole.
-- $1 log_id, $2 subjects, $3 types that take part in rules, $4 subjects wanted whole
SELECT subject, version, CASE WHEN type = ANY($3::text[]) OR subject = ANY($4::text[]) THEN entry END AS entry
FROM event WHERE log_id = $1 AND subject = ANY($2::text[])
ORDER BY subject, version
