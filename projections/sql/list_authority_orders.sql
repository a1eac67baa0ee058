-- Orders of authorities at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 authority, $12 kind, $13 state, $14 addressee (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT authority_order.log_id, authority_order.subject, authority_order.key, authority_order.item, NULL::text[] AS hidden_by
    FROM view_authority_order AS authority_order
    WHERE authority_order.log_id = at.log_id AND authority_order.certainty IN ($3, 'BOTH') AND authority_order.valid_from <= $4 AND authority_order.known_from < at.size AND at.size <= authority_order.known_to
        AND ($4 < authority_order.valid_to OR at.size <= authority_order.valid_to_known)
        AND ($5::text[] IS NULL OR authority_order.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(authority_order.subject, prefix)))
        AND authority_order.subject >= at.first
        AND ($7::integer IS NULL OR (authority_order.log_id, authority_order.subject, authority_order.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR authority_order.authority = ANY($11::text[]))
        AND ($12::text[] IS NULL OR authority_order.kind = ANY($12::text[]))
        AND ($13::text[] IS NULL OR authority_order.state = ANY($13::text[]))
        AND ($14::text[] IS NULL OR authority_order.addressee = ANY($14::text[]))
    ORDER BY authority_order.subject, authority_order.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
