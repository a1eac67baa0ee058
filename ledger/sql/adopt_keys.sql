-- Say of keys that were wrapped before master keys had ids by which one they are.
-- $1 id of the master key
UPDATE subject_key SET wrapped_by = $1 WHERE wrapped_by = '' AND wrapped IS NOT NULL
