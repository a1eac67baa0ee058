-- Services that were suspended or resumed, and features that were declared, by country, at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 service, $12 feature, $13 country, $14 status of a feature (null: any), $15 whether suspended (null: either).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT offered.log_id, offered.subject, offered.key, offered.item, NULL::text[] AS hidden_by
    FROM (
        SELECT log_id, subject, 'service|' || key AS key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, item,
            service, NULL::text COLLATE "C" AS feature, country, NULL::text COLLATE "C" AS status, suspended
        FROM view_service
        UNION ALL
        SELECT log_id, subject, 'feature|' || key AS key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, item,
            NULL::text COLLATE "C" AS service, feature, country, status, NULL::boolean AS suspended
        FROM view_feature
    ) AS offered
    WHERE offered.log_id = at.log_id AND offered.certainty IN ($3, 'BOTH') AND offered.valid_from <= $4 AND offered.known_from < at.size AND at.size <= offered.known_to
        AND ($4 < offered.valid_to OR at.size <= offered.valid_to_known)
        AND ($5::text[] IS NULL OR offered.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(offered.subject, prefix)))
        AND offered.subject >= at.first
        AND ($7::integer IS NULL OR (offered.log_id, offered.subject, offered.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR offered.service = ANY($11::text[]))
        AND ($12::text[] IS NULL OR offered.feature = ANY($12::text[]))
        AND ($13::text[] IS NULL OR offered.country = ANY($13::text[]))
        AND ($14::text[] IS NULL OR offered.status = ANY($14::text[]))
        AND ($15::boolean IS NULL OR offered.suspended = $15)
    ORDER BY offered.subject, offered.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
