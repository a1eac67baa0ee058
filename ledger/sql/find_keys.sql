-- Find the keys of data subjects in a log.
-- $1 log_id, $2 subjects
SELECT subject, key_id, wrapped, wrapped_by FROM subject_key WHERE log_id = $1 AND subject = ANY($2::text[])
