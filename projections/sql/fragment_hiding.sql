-- What hides a listing in a country (:country; null: anywhere): restrictions of its own, its seller, its platform's service.
-- Sellers and services are those of the listing's own log, known to the same size.
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN item.lifecycle IS DISTINCT FROM 'PUBLISHED' THEN 'NOT_PUBLISHED' END,
        CASE WHEN NOT :country::text = ANY(item.destinations) THEN 'NOT_OFFERED_THERE' END,
        CASE WHEN item.hidden_in && ARRAY[:country, 'WORLD'] OR (:country IS NULL AND item.hidden_in <> '{}')
            THEN 'RESTRICTION' END,
        (SELECT 'SELLER_' || seller.status
         FROM (SELECT * FROM view_seller UNION ALL SELECT * FROM view_seller_history) AS seller
         WHERE seller.log_id = at.log_id AND seller.subject = item.seller AND seller.holds AND answers(seller)),
        (SELECT 'SERVICE_SUSPENDED'
         FROM (SELECT * FROM view_service UNION ALL SELECT * FROM view_service_history) AS service
         WHERE service.log_id = at.log_id AND service.subject = 'platform:' || split_part(place.subject, ':', 2)
            AND service.service = 'MARKETPLACE' AND service.suspended AND (:country IS NULL OR service.country = :country)
            AND answers(service)
         LIMIT 1)
    ], NULL) AS hidden_by
) AS hiding
