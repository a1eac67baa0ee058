-- Count the logs whose oldest entry without a checkpoint has waited for one too long; halted ones aside.
-- $1 for how long
SELECT count(*)
FROM log CROSS JOIN LATERAL (
    SELECT coalesce(max(checkpoint.size), 0) AS size FROM checkpoint
    WHERE checkpoint.log_id = log.log_id AND checkpoint.origin = log.origin
) AS signed JOIN event ON event.log_id = log.log_id AND event.position = signed.size
WHERE event.recordedtime < clock_timestamp() - $1::interval
    AND NOT EXISTS (SELECT FROM log_halt WHERE log_halt.log_id = log.log_id)
