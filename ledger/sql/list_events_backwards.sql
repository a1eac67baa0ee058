-- Read recorded events by position, backwards.
-- $1 log_ids, $2 sizes, $3 log_id and $4 position after which to begin (null: from the last), $5 limit;
-- $6 types, $7 subjects, $8 subject prefixes, $9 time from, $10 time to, $11 recorded from, $12 recorded to,
-- $13 words in the payload (null: any).
SELECT event.log_id, event.position, event.entry
FROM unnest($1::integer[], $2::bigint[]) AS at (log_id, size) JOIN event USING (log_id)
WHERE event.position < at.size
    AND ($3::integer IS NULL OR (event.log_id, event.position) < ($3, $4::bigint))
    AND ($6::text[] IS NULL OR event.type = ANY($6::text[]))
    AND ($7::text[] IS NULL OR event.subject = ANY($7::text[]))
    AND ($8::text[] IS NULL OR EXISTS (SELECT FROM unnest($8::text[]) AS prefix WHERE starts_with(event.subject, prefix)))
    AND ($9::timestamptz IS NULL OR (convert_from(event.entry, 'UTF8')::json ->> 'time')::timestamptz >= $9)
    AND ($10::timestamptz IS NULL OR (convert_from(event.entry, 'UTF8')::json ->> 'time')::timestamptz <= $10)
    AND ($11::timestamptz IS NULL OR event.recordedtime >= $11)
    AND ($12::timestamptz IS NULL OR event.recordedtime <= $12)
    AND ($13::text[] IS NULL OR NOT EXISTS (
        SELECT FROM unnest($13::text[]) AS word
        WHERE strpos(lower((convert_from(event.entry, 'UTF8')::json -> 'data')::text), lower(word)) = 0))
ORDER BY event.log_id DESC, event.position DESC LIMIT $5
