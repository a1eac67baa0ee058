-- Put keys of a log, wrapped anew, in place of what they were. One that was destroyed meanwhile stays destroyed.
-- $1 log_id, $2 data subjects, $3 as they were wrapped, $4 as they are wrapped now, $5 id of the master key
UPDATE subject_key SET wrapped = page.now, wrapped_by = $5
FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS page (subject, before, now)
WHERE subject_key.log_id = $1 AND subject_key.subject = page.subject AND subject_key.wrapped = page.before
