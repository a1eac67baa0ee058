-- Read checkpoints of one origin of a log from a size on, in order of size, with their signatures.
-- $1 log_id, $2 origin, $3 first size, $4 at most so many
WITH page AS (
    SELECT log_id, origin, size, root FROM checkpoint
    WHERE log_id = $1 AND origin = $2 AND size >= $3 ORDER BY size LIMIT $4
)
SELECT log_id, origin, size, root,
       coalesce(array_agg(name ORDER BY name <> origin, added, key_id) FILTER (WHERE name IS NOT NULL), '{}') AS names,
       coalesce(array_agg(key_id ORDER BY name <> origin, added, key_id) FILTER (WHERE name IS NOT NULL), '{}') AS key_ids,
       coalesce(array_agg(value ORDER BY name <> origin, added, key_id) FILTER (WHERE name IS NOT NULL), '{}') AS values
FROM page LEFT JOIN signature USING (log_id, origin, size)
GROUP BY log_id, origin, size, root
ORDER BY size
