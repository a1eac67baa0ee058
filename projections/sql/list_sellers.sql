-- Sellers at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 status, $12 verification, $13 entity class, $14 platform (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT seller.log_id, seller.subject, seller.key, seller.item, NULL::text[] AS hidden_by
    FROM view_seller AS seller
    WHERE seller.log_id = at.log_id AND seller.certainty IN ($3, 'BOTH') AND seller.valid_from <= $4 AND seller.known_from < at.size AND at.size <= seller.known_to
        AND ($4 < seller.valid_to OR at.size <= seller.valid_to_known)
        AND ($5::text[] IS NULL OR seller.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(seller.subject, prefix)))
        AND seller.subject >= at.first
        AND ($7::integer IS NULL OR (seller.log_id, seller.subject, seller.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR seller.status = ANY($11::text[]))
        AND ($12::text[] IS NULL OR seller.verification = ANY($12::text[]))
        AND ($13::text[] IS NULL OR seller.entity_class = ANY($13::text[]))
        AND ($14::text[] IS NULL OR seller.platform = ANY($14::text[]))
    ORDER BY seller.subject, seller.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
