-- Memberships at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 body, $12 party, $13 tier, $14 status (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT membership.log_id, membership.subject, membership.key, membership.item, NULL::text[] AS hidden_by
    FROM view_membership AS membership
    WHERE membership.log_id = at.log_id AND membership.certainty IN ($3, 'BOTH') AND membership.valid_from <= $4 AND membership.known_from < at.size AND at.size <= membership.known_to
        AND ($4 < membership.valid_to OR at.size <= membership.valid_to_known)
        AND ($5::text[] IS NULL OR membership.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(membership.subject, prefix)))
        AND membership.subject >= at.first
        AND ($7::integer IS NULL OR (membership.log_id, membership.subject, membership.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR membership.body = ANY($11::text[]))
        AND ($12::text[] IS NULL OR membership.party = ANY($12::text[]))
        AND ($13::text[] IS NULL OR membership.tier = ANY($13::text[]))
        AND ($14::text[] IS NULL OR membership.status = ANY($14::text[]))
    ORDER BY membership.subject, membership.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
