-- Disputes at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 state, $12 outcome, $13 forum, $14 country of the claimant, $15 of the respondent (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT dispute.log_id, dispute.subject, dispute.key, dispute.item, NULL::text[] AS hidden_by
    FROM view_dispute AS dispute
    WHERE dispute.log_id = at.log_id AND dispute.certainty IN ($3, 'BOTH') AND dispute.valid_from <= $4 AND dispute.known_from < at.size AND at.size <= dispute.known_to
        AND ($4 < dispute.valid_to OR at.size <= dispute.valid_to_known)
        AND ($5::text[] IS NULL OR dispute.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(dispute.subject, prefix)))
        AND dispute.subject >= at.first
        AND ($7::integer IS NULL OR (dispute.log_id, dispute.subject, dispute.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR dispute.state = ANY($11::text[]))
        AND ($12::text[] IS NULL OR dispute.outcome = ANY($12::text[]))
        AND ($13::text[] IS NULL OR dispute.forum = ANY($13::text[]))
        AND ($14::text[] IS NULL OR dispute.claimant_country = ANY($14::text[]))
        AND ($15::text[] IS NULL OR dispute.respondent_country = ANY($15::text[]))
    ORDER BY dispute.subject, dispute.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
