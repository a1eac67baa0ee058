-- Referred disputes at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 state, $12 to, $13 agreement (null: any).
SELECT referral.log_id, referral.subject, referral.key, referral.item, NULL::text[] AS hidden_by
FROM unnest($1::integer[], $2::bigint[]) AS at (log_id, size) JOIN view_referral AS referral USING (log_id)
WHERE referral.certainty = $3 AND referral.valid_from <= $4 AND referral.known_from < at.size AND at.size <= referral.known_to
    AND ($4 < referral.valid_to OR at.size <= referral.valid_to_known)
    AND ($5::text[] IS NULL OR referral.subject = ANY($5::text[]))
    AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(referral.subject, prefix)))
    AND ($7::integer IS NULL OR (referral.log_id, referral.subject, referral.key) > ($7, $8::text, $9::text))
    AND ($11::text[] IS NULL OR referral.state = ANY($11::text[]))
    AND ($12::text[] IS NULL OR referral.receiver = ANY($12::text[]))
    AND ($13::text[] IS NULL OR referral.agreement = ANY($13::text[]))
ORDER BY referral.log_id, referral.subject, referral.key
LIMIT $10
