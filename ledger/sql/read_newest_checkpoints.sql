-- Read the newest checkpoint of the present origin of each of these logs, with its signatures: the log's own first.
-- $1 log_ids, $2 also if it is withheld
WITH newest AS (
    SELECT log.log_id, log.origin, last.size, last.root
    FROM log CROSS JOIN LATERAL (
        SELECT size, root FROM checkpoint
        WHERE checkpoint.log_id = log.log_id AND checkpoint.origin = log.origin
            AND ($2 OR NOT EXISTS (
                SELECT FROM withheld
                WHERE withheld.log_id = log.log_id AND withheld.origin = log.origin AND withheld.size = checkpoint.size
            ))
        ORDER BY size DESC LIMIT 1
    ) AS last
    WHERE log.log_id = ANY($1::integer[])
)
SELECT log_id, origin, size, root, array_agg(name ORDER BY name <> origin, added, key_id) AS names,
       array_agg(key_id ORDER BY name <> origin, added, key_id) AS key_ids,
       array_agg(value ORDER BY name <> origin, added, key_id) AS values
FROM newest JOIN signature USING (log_id, origin, size)
GROUP BY log_id, origin, size, root
