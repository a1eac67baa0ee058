-- Programmes at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 owner, $12 state (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT programme.log_id, programme.subject, programme.key, programme.item, NULL::text[] AS hidden_by
    FROM view_programme AS programme
    WHERE programme.log_id = at.log_id AND programme.certainty IN ($3, 'BOTH') AND programme.valid_from <= $4 AND programme.known_from < at.size AND at.size <= programme.known_to
        AND ($4 < programme.valid_to OR at.size <= programme.valid_to_known)
        AND ($5::text[] IS NULL OR programme.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(programme.subject, prefix)))
        AND programme.subject >= at.first
        AND ($7::integer IS NULL OR (programme.log_id, programme.subject, programme.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR programme.owner = ANY($11::text[]))
        AND ($12::text[] IS NULL OR programme.state = ANY($12::text[]))
    ORDER BY programme.subject, programme.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
