-- Read the logs named, with their heads; all of them for a null array.
-- $1 slugs or null
SELECT log.log_id, slug, kind, timezone, jurisdiction, data_class, origin, created, size, frontier, recordedtime,
       (SELECT first.recordedtime FROM event AS first WHERE first.log_id = log.log_id AND first.position = 0) AS first_recordedtime
FROM log JOIN log_head USING (log_id)
WHERE $1::text[] IS NULL OR slug = ANY($1::text[])
ORDER BY slug
