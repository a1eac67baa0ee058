-- Takedown items at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 case, $12 state, $13 notifier, $14 size class, $15 tier, $16 regime, $17 listing (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT takedown.log_id, takedown.subject, takedown.key, takedown.item, NULL::text[] AS hidden_by
    FROM view_takedown AS takedown
    WHERE takedown.log_id = at.log_id AND takedown.certainty IN ($3, 'BOTH') AND takedown.valid_from <= $4 AND takedown.known_from < at.size AND at.size <= takedown.known_to
        AND ($4 < takedown.valid_to OR at.size <= takedown.valid_to_known)
        AND ($5::text[] IS NULL OR takedown.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(takedown.subject, prefix)))
        AND takedown.subject >= at.first
        AND ($7::integer IS NULL OR (takedown.log_id, takedown.subject, takedown.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR takedown.subject = ANY($11::text[]))
        AND ($12::text[] IS NULL OR takedown.state = ANY($12::text[]))
        AND ($13::text[] IS NULL OR takedown.notifier = ANY($13::text[]))
        AND ($14::text[] IS NULL OR takedown.size_class = ANY($14::text[]))
        AND ($15::text[] IS NULL OR takedown.tier = ANY($15::text[]))
        AND ($16::text[] IS NULL OR takedown.regime = ANY($16::text[]))
        AND ($17::text[] IS NULL OR takedown.listing = ANY($17::text[]))
    ORDER BY takedown.subject, takedown.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
