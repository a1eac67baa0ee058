-- Parties at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 kind, $12 country, $13 size class (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT party.log_id, party.subject, party.key, party.item, NULL::text[] AS hidden_by
    FROM view_party AS party
    WHERE party.log_id = at.log_id AND party.certainty IN ($3, 'BOTH') AND party.valid_from <= $4 AND party.known_from < at.size AND at.size <= party.known_to
        AND ($4 < party.valid_to OR at.size <= party.valid_to_known)
        AND ($5::text[] IS NULL OR party.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(party.subject, prefix)))
        AND party.subject >= at.first
        AND ($7::integer IS NULL OR (party.log_id, party.subject, party.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR party.kind = ANY($11::text[]))
        AND ($12::text[] IS NULL OR party.country = ANY($12::text[]))
        AND ($13::text[] IS NULL OR party.size_class = ANY($13::text[]))
    ORDER BY party.subject, party.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
