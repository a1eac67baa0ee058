-- Find the keys of data subjects in a log, each by the table's key: a plan is made while the table is small, and kept.
-- $1 log_id, $2 subjects
SELECT subject, key_id, wrapped, wrapped_by
FROM unnest($2::text[]) AS wanted (name)
CROSS JOIN LATERAL (
    SELECT subject, key_id, wrapped, wrapped_by FROM subject_key WHERE log_id = $1 AND subject = name LIMIT 1
) AS found
