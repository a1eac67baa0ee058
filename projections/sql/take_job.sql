-- Take the job that has waited longest, or whose process has not renewed its lease, for another attempt.
-- $1 how long it is leased
UPDATE job SET state = 'RUNNING', attempt = attempt + 1, done = 0, started = COALESCE(started, clock_timestamp()),
    leased_until = clock_timestamp() + $1::interval
WHERE job_id = (
    SELECT job_id FROM job
    WHERE state IN ('QUEUED', 'RUNNING') AND (state = 'QUEUED' OR leased_until < clock_timestamp())
    ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING *
