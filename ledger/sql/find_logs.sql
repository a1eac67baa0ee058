-- Read what never changes of the logs named; of all of them for a null array.
-- $1 slugs or null
SELECT log_id, slug, kind, timezone, jurisdiction, data_class, origin, created FROM log
WHERE $1::text[] IS NULL OR slug = ANY($1::text[])
ORDER BY slug
