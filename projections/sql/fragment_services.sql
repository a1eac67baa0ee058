-- Services that were suspended or resumed, and features that were declared: two views, and short.
(
    SELECT log_id, subject, 'service|' || key AS key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, item,
        service, NULL::text COLLATE "C" AS feature, country, NULL::text COLLATE "C" AS status, suspended
    FROM (SELECT * FROM view_service UNION ALL SELECT * FROM view_service_history) AS service
    UNION ALL
    SELECT log_id, subject, 'feature|' || key AS key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, item,
        NULL::text COLLATE "C" AS service, feature, country, status, NULL::boolean AS suspended
    FROM (SELECT * FROM view_feature UNION ALL SELECT * FROM view_feature_history) AS feature
) AS place
CROSS JOIN LATERAL (SELECT place.* WHERE answers(place)) AS item
