-- Policies at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 status, $12 kind (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT policy.log_id, policy.subject, policy.key, policy.item, NULL::text[] AS hidden_by
    FROM view_policy AS policy
    WHERE policy.log_id = at.log_id AND policy.certainty IN ($3, 'BOTH') AND policy.valid_from <= $4 AND policy.known_from < at.size AND at.size <= policy.known_to
        AND ($4 < policy.valid_to OR at.size <= policy.valid_to_known)
        AND ($5::text[] IS NULL OR policy.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(policy.subject, prefix)))
        AND policy.subject >= at.first
        AND ($7::integer IS NULL OR (policy.log_id, policy.subject, policy.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR policy.status = ANY($11::text[]))
        AND ($12::text[] IS NULL OR policy.kind = ANY($12::text[]))
    ORDER BY policy.subject, policy.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
