-- Investigations at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 state, $12 kind (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT investigation.log_id, investigation.subject, investigation.key, investigation.item, NULL::text[] AS hidden_by
    FROM view_investigation AS investigation
    WHERE investigation.log_id = at.log_id AND investigation.certainty IN ($3, 'BOTH') AND investigation.valid_from <= $4 AND investigation.known_from < at.size AND at.size <= investigation.known_to
        AND ($4 < investigation.valid_to OR at.size <= investigation.valid_to_known)
        AND ($5::text[] IS NULL OR investigation.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(investigation.subject, prefix)))
        AND investigation.subject >= at.first
        AND ($7::integer IS NULL OR (investigation.log_id, investigation.subject, investigation.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR investigation.state = ANY($11::text[]))
        AND ($12::text[] IS NULL OR investigation.kind = ANY($12::text[]))
    ORDER BY investigation.subject, investigation.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
