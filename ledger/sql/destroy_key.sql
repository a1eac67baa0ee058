-- Destroy a data subject's key: its id stays, and when it was destroyed. One that was destroyed before stays so.
-- $1 log_id, $2 subject, $3 when
UPDATE subject_key SET wrapped = NULL, wrapped_by = '', destroyed = coalesce(destroyed, $3::timestamptz)
WHERE log_id = $1 AND subject = $2
RETURNING destroyed
