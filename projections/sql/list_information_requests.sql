-- Requests of authorities for information at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 authority, $12 status, $13 addressee (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT information_request.log_id, information_request.subject, information_request.key, information_request.item, NULL::text[] AS hidden_by
    FROM view_information_request AS information_request
    WHERE information_request.log_id = at.log_id AND information_request.certainty IN ($3, 'BOTH') AND information_request.valid_from <= $4 AND information_request.known_from < at.size AND at.size <= information_request.known_to
        AND ($4 < information_request.valid_to OR at.size <= information_request.valid_to_known)
        AND ($5::text[] IS NULL OR information_request.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(information_request.subject, prefix)))
        AND information_request.subject >= at.first
        AND ($7::integer IS NULL OR (information_request.log_id, information_request.subject, information_request.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR information_request.authority = ANY($11::text[]))
        AND ($12::text[] IS NULL OR information_request.status = ANY($12::text[]))
        AND ($13::text[] IS NULL OR information_request.addressee = ANY($13::text[]))
    ORDER BY information_request.subject, information_request.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
