-- End what has no end yet: of each key there is one rectangle, which is looked up for each by itself, since a plan is
-- made while a table is small and kept while it grows. `view_any` stands for the view's table.
-- $1 log_id, $2 certainties, $3 subjects, $4 keys, $5 valid_to, $6 valid_to_known, $7 `valid_to` of what has no end,
-- $8 `known_to` of what is still believed
UPDATE view_any AS rectangle
SET valid_to = ended.valid_to, valid_to_known = ended.valid_to_known
FROM (
    SELECT said.valid_to, said.valid_to_known, (
        SELECT open.ctid FROM view_any AS open
        WHERE open.log_id = $1 AND open.certainty = said.certainty AND open.subject = said.subject
            AND open.key = said.key AND open.valid_to = $7 AND open.known_to = $8
    ) AS place
    FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
        AS said (certainty, subject, key, valid_to, valid_to_known)
    OFFSET 0
) AS ended
WHERE rectangle.ctid = ended.place
