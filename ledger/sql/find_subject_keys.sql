-- Find a data subject's keys, destroyed ones too, in the logs that hold one.
-- $1 log ids, $2 subject
SELECT log_id, key_id, destroyed FROM subject_key WHERE log_id = ANY($1::integer[]) AND subject = $2
