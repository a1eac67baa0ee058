-- Read the first checkpoint of a log's present origin that has so many entries or more and is not withheld, with its
-- signatures.
-- $1 log_id, $2 size
WITH first AS (
    SELECT log_id, origin, size, root
    FROM checkpoint JOIN log USING (log_id, origin)
    WHERE log_id = $1 AND size >= $2 AND NOT EXISTS (
        SELECT FROM withheld
        WHERE withheld.log_id = $1 AND withheld.origin = checkpoint.origin AND withheld.size = checkpoint.size
    )
    ORDER BY size LIMIT 1
)
SELECT log_id, origin, size, root, array_agg(name ORDER BY name <> origin, added, key_id) AS names,
       array_agg(key_id ORDER BY name <> origin, added, key_id) AS key_ids,
       array_agg(value ORDER BY name <> origin, added, key_id) AS values
FROM first JOIN signature USING (log_id, origin, size)
GROUP BY log_id, origin, size, root
