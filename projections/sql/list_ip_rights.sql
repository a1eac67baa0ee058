-- Rights of intellectual property at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 status, $12 type, $13 owner, $14 territory (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT ip_right.log_id, ip_right.subject, ip_right.key, ip_right.item, NULL::text[] AS hidden_by
    FROM view_ip_right AS ip_right
    WHERE ip_right.log_id = at.log_id AND ip_right.certainty IN ($3, 'BOTH') AND ip_right.valid_from <= $4 AND ip_right.known_from < at.size AND at.size <= ip_right.known_to
        AND ($4 < ip_right.valid_to OR at.size <= ip_right.valid_to_known)
        AND ($5::text[] IS NULL OR ip_right.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(ip_right.subject, prefix)))
        AND ip_right.subject >= at.first
        AND ($7::integer IS NULL OR (ip_right.log_id, ip_right.subject, ip_right.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR ip_right.status = ANY($11::text[]))
        AND ($12::text[] IS NULL OR ip_right.type = ANY($12::text[]))
        AND ($13::text[] IS NULL OR ip_right.owner = ANY($13::text[]))
        AND ($14::text[] IS NULL OR ip_right.territories && $14::text[])
    ORDER BY ip_right.subject, ip_right.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
