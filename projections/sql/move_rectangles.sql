-- Move the ends of rectangles in one table: what is true of them from a position on. Each is looked up by itself,
-- since a plan is made while a table is small and kept while it grows. `view_any` stands for the table.
-- $1 log_id, $2 certainties, $3 subjects, $4 keys, $5 valid_from, $6 known_from, $7 valid_to, $8 valid_to_known, $9 known_to
UPDATE view_any AS rectangle
SET valid_to = moved.valid_to, valid_to_known = moved.valid_to_known, known_to = moved.known_to
FROM (
    SELECT said.valid_to, said.valid_to_known, said.known_to, (
        SELECT there.ctid FROM view_any AS there
        WHERE there.log_id = $1 AND there.certainty = said.certainty AND there.subject = said.subject
            AND there.key = said.key AND there.valid_from = said.valid_from AND there.known_from = said.known_from
    ) AS place
    FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::timestamptz[], $8::bigint[], $9::bigint[])
        AS said (certainty, subject, key, valid_from, known_from, valid_to, valid_to_known, known_to)
    OFFSET 0
) AS moved
WHERE rectangle.ctid = moved.place
