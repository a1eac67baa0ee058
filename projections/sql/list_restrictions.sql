-- Restrictions at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 whether in force (null: either), $12 kind, $13 instrument, $14 decision ground (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT restriction.log_id, restriction.subject, restriction.key, restriction.item, NULL::text[] AS hidden_by
    FROM view_restriction AS restriction
    WHERE restriction.log_id = at.log_id AND restriction.certainty IN ($3, 'BOTH') AND restriction.valid_from <= $4 AND restriction.known_from < at.size AND at.size <= restriction.known_to
        AND ($4 < restriction.valid_to OR at.size <= restriction.valid_to_known)
        AND ($5::text[] IS NULL OR restriction.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(restriction.subject, prefix)))
        AND restriction.subject >= at.first
        AND ($7::integer IS NULL OR (restriction.log_id, restriction.subject, restriction.key) > ($7, $8::text, $9::text))
        AND ($11::boolean IS NULL OR restriction.in_force = $11)
        AND ($12::text[] IS NULL OR restriction.kind = ANY($12::text[]))
        AND ($13::text[] IS NULL OR restriction.instruments && $13::text[])
        AND ($14::text[] IS NULL OR restriction.ground = ANY($14::text[]))
    ORDER BY restriction.subject, restriction.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
