-- Move the ends of rectangles: what is true of them from a position on. `view_any` stands for the view's table.
-- $1 log_id, $2 certainties, $3 subjects, $4 keys, $5 valid_from, $6 known_from, $7 valid_to, $8 valid_to_known, $9 known_to
UPDATE view_any AS rectangle
SET valid_to = moved.valid_to, valid_to_known = moved.valid_to_known, known_to = moved.known_to
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::timestamptz[], $8::bigint[], $9::bigint[])
    AS moved (certainty, subject, key, valid_from, known_from, valid_to, valid_to_known, known_to)
WHERE rectangle.log_id = $1 AND rectangle.certainty = moved.certainty AND rectangle.subject = moved.subject
    AND rectangle.key = moved.key AND rectangle.valid_from = moved.valid_from AND rectangle.known_from = moved.known_from
