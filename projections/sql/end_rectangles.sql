-- End newest rectangles that have no end yet. Each is looked up by itself, since a plan is made while a table is small and
-- kept while it grows. `view_any` stands for the view's table.
-- $1 log_id, $2 subjects, $3 keys, $4 valid_to, $5 valid_to_known
UPDATE view_any AS newest SET valid_to = ended.valid_to, valid_to_known = ended.valid_to_known
FROM (
    SELECT said.valid_to, said.valid_to_known, (
        SELECT there.ctid FROM view_any AS there
        WHERE there.log_id = $1 AND there.subject = said.subject AND there.key = said.key
    ) AS place
    FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[]) AS said (subject, key, valid_to, valid_to_known)
    OFFSET 0
) AS ended
WHERE newest.ctid = ended.place
