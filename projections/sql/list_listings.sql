-- Listings at a moment, with what hides them in a country (null: anywhere): restrictions of their own, their seller,
-- their platform's service. Sellers and services are those of the listing's own log, known to the same size.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 seller, $12 cluster, $13 category, $14 ship-from, $15 origin (null: any), $16 whether restricted,
-- $17 whether visible (null: either), $18 country (null: anywhere).
-- That nothing hides a listing is asked as `< 1`, which the planner takes to be so of a third of them: of an equality it
-- guesses one in two hundred, and would rather work out what hides each listing there is than meet a page in order.
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT listing.log_id, listing.subject, listing.key, listing.item, hiding.hidden_by
    FROM view_listing AS listing
    CROSS JOIN LATERAL (
        SELECT array_remove(ARRAY[
            CASE WHEN listing.lifecycle IS DISTINCT FROM 'PUBLISHED' THEN 'NOT_PUBLISHED' END,
            CASE WHEN NOT $18::text = ANY(listing.destinations) THEN 'NOT_OFFERED_THERE' END,
            CASE WHEN listing.hidden_in && ARRAY[$18, 'WORLD'] OR ($18 IS NULL AND listing.hidden_in <> '{}')
                THEN 'RESTRICTION' END,
            (SELECT 'SELLER_' || seller.status FROM view_seller AS seller
             WHERE seller.log_id = at.log_id AND seller.subject = listing.seller AND seller.holds
                AND seller.certainty IN ($3, 'BOTH') AND seller.valid_from <= $4 AND seller.known_from < at.size AND at.size <= seller.known_to
        AND ($4 < seller.valid_to OR at.size <= seller.valid_to_known)),
            (SELECT 'SERVICE_SUSPENDED' FROM view_service AS service
             WHERE service.log_id = at.log_id AND service.subject = 'platform:' || split_part(listing.subject, ':', 2)
                AND service.service = 'MARKETPLACE' AND service.suspended AND ($18 IS NULL OR service.country = $18)
                AND service.certainty IN ($3, 'BOTH') AND service.valid_from <= $4 AND service.known_from < at.size AND at.size <= service.known_to
        AND ($4 < service.valid_to OR at.size <= service.valid_to_known) LIMIT 1)
        ], NULL) AS hidden_by
    ) AS hiding
    WHERE listing.log_id = at.log_id AND listing.certainty IN ($3, 'BOTH') AND listing.valid_from <= $4 AND listing.known_from < at.size AND at.size <= listing.known_to
        AND ($4 < listing.valid_to OR at.size <= listing.valid_to_known)
        AND ($5::text[] IS NULL OR listing.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(listing.subject, prefix)))
        AND listing.subject >= at.first
        AND ($7::integer IS NULL OR (listing.log_id, listing.subject, listing.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR listing.seller = ANY($11::text[]))
        AND ($12::text[] IS NULL OR listing.cluster = ANY($12::text[]))
        AND ($13::text[] IS NULL OR listing.category = ANY($13::text[]))
        AND ($14::text[] IS NULL OR listing.ship_from = ANY($14::text[]))
        AND ($15::text[] IS NULL OR listing.origin = ANY($15::text[]))
        AND ($16::boolean IS NULL OR listing.restricted = $16)
        AND ($17::boolean IS NULL OR (cardinality(hiding.hidden_by) < 1) = $17)
    ORDER BY listing.subject, listing.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
