-- Meetings of bodies, scheduled or held, at a moment.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of; $5 subjects, $6 subject prefixes (null: any);
-- $7 log_id, $8 subject, $9 key after which to begin (null: from the first), $10 limit (null: none);
-- $11 body, $12 state, $13 mode, $14 industry, $15 party (null: any).
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM (
    SELECT log_id, size, CASE WHEN log_id = $7 THEN $8::text ELSE '' END AS first
    FROM unnest($1::integer[], $2::bigint[]) AS asked (log_id, size)
) AS at
CROSS JOIN LATERAL (
    SELECT meeting.log_id, meeting.subject, meeting.key, meeting.item, NULL::text[] AS hidden_by
    FROM view_meeting AS meeting
    WHERE meeting.log_id = at.log_id AND meeting.certainty IN ($3, 'BOTH') AND meeting.valid_from <= $4 AND meeting.known_from < at.size AND at.size <= meeting.known_to
        AND ($4 < meeting.valid_to OR at.size <= meeting.valid_to_known)
        AND ($5::text[] IS NULL OR meeting.subject = ANY($5::text[]))
        AND ($6::text[] IS NULL OR EXISTS (SELECT FROM unnest($6::text[]) AS prefix WHERE starts_with(meeting.subject, prefix)))
        AND meeting.subject >= at.first
        AND ($7::integer IS NULL OR (meeting.log_id, meeting.subject, meeting.key) > ($7, $8::text, $9::text))
        AND ($11::text[] IS NULL OR meeting.subject = ANY($11::text[]))
        AND ($12::text[] IS NULL OR meeting.state = ANY($12::text[]))
        AND ($13::text[] IS NULL OR meeting.mode = ANY($13::text[]))
        AND ($14::text[] IS NULL OR meeting.industries && $14::text[])
        AND ($15::text[] IS NULL OR meeting.parties && $15::text[])
    ORDER BY meeting.subject, meeting.key
    LIMIT $10
) AS page
ORDER BY page.log_id, page.subject, page.key
LIMIT $10
