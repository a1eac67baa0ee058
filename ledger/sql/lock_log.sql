-- Lock a log against other signers of it, and read its origin. Neither appends nor reads wait for this lock.
-- $1 log_id
SELECT log_id, slug, kind, timezone, jurisdiction, data_class, origin, created FROM log WHERE log_id = $1
FOR NO KEY UPDATE
