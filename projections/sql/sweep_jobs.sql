-- Forget jobs that ended long ago, with their results, some at a time.
-- $1 how long they are kept, $2 how many at most
DELETE FROM job WHERE job_id IN (
    SELECT job_id FROM job WHERE ended < clock_timestamp() - $1::interval ORDER BY ended LIMIT $2
)
RETURNING job_id
