-- Read the logs that have grown since they last signed, and are not halted.
SELECT log.log_id, slug, kind, timezone, jurisdiction, data_class, origin, created
FROM log JOIN log_head USING (log_id)
WHERE size > coalesce((
        SELECT checkpoint.size FROM checkpoint
        WHERE checkpoint.log_id = log.log_id AND checkpoint.origin = log.origin
        ORDER BY checkpoint.size DESC LIMIT 1
    ), 0)
    AND NOT EXISTS (SELECT FROM log_halt WHERE log_halt.log_id = log.log_id)
ORDER BY log.log_id
