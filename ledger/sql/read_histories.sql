-- Read what is needed of streams to judge their next events: of some the newest version alone, one step into the index; of
-- others the entries too, in order of version, whose type takes part in a rule, or all where the stream is wanted whole;
-- of others again, entries of which it is known where they are. An entry is a line: it has no line feed in it.
-- Versions and types stand in the index: of the table, which is as large as the log, only those entries are read. One
-- statement for all, and a row for each stream: a commit of a few events waits for each statement.
-- $1 log_id, $2 subjects whose newest version is enough, $3 others whose entries are needed, $4 types that take part in
-- rules, $5 which of the others are wanted whole, $6 and $7 subjects and versions of entries
SELECT asked.subject, newest.version, NULL::bytea AS entries
FROM unnest($2::text[]) AS asked (subject)
CROSS JOIN LATERAL (
    SELECT version FROM event WHERE log_id = $1 AND event.subject = asked.subject ORDER BY version DESC LIMIT 1
) AS newest
UNION ALL
SELECT placed.subject, max(placed.version), string_agg(
    (SELECT entry FROM event WHERE log_id = $1 AND subject = placed.subject AND version = placed.version), '\x0a'
    ORDER BY placed.version
) FILTER (WHERE placed.type = ANY($4::text[]) OR placed.subject = ANY($5::text[]))
FROM event AS placed WHERE placed.log_id = $1 AND placed.subject = ANY($3::text[])
GROUP BY placed.subject
UNION ALL
SELECT place.subject, NULL, string_agg(
    (SELECT entry FROM event WHERE log_id = $1 AND subject = place.subject AND version = place.version), '\x0a'
    ORDER BY place.version
)
FROM unnest($6::text[], $7::integer[]) AS place (subject, version)
GROUP BY place.subject
