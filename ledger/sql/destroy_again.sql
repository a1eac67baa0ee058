-- Destroy keys that were destroyed before, where the database still holds them.
-- $1 slugs of logs, $2 key ids, $3 when they were destroyed
UPDATE subject_key SET wrapped = NULL, wrapped_by = '', destroyed = listed.destroyed
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS listed (slug, key_id, destroyed)
    JOIN log USING (slug)
WHERE subject_key.log_id = log.log_id AND subject_key.key_id = listed.key_id AND subject_key.wrapped IS NOT NULL
RETURNING log.slug, subject_key.key_id
