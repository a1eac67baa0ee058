-- Renew the lease of an attempt and say how far it has come; no row where it was cancelled, or is another process's.
-- $1 job id, $2 attempt, $3 how long it is leased, $4 done, $5 of how many
UPDATE job SET leased_until = clock_timestamp() + $3::interval, done = $4, total = $5
WHERE job_id = $1 AND attempt = $2 AND state = 'RUNNING'
RETURNING job_id
