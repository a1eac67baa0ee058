-- Destroy a data subject's key: its id stays, and when it was destroyed. One that was destroyed before stays so.
-- $1 log_id, $2 subject, $3 the instant by a test clock, or null
UPDATE subject_key SET wrapped = NULL, destroyed = coalesce(destroyed, $3::timestamptz, clock_timestamp())
WHERE log_id = $1 AND subject = $2
RETURNING destroyed
