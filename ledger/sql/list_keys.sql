-- Read which keys of data subjects there are, never the keys, in order of log and subject.
-- $1 log_ids, $2 log_id and $3 subject after which to begin, $4 limit
SELECT log_id, subject, key_id, created, destroyed FROM subject_key
WHERE log_id = ANY($1::integer[]) AND (log_id, subject) > ($2::integer, $3::text)
ORDER BY log_id, subject LIMIT $4
