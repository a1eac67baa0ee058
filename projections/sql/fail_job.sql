-- End an attempt without a result.
-- $1 job id, $2 attempt, $3 the problem, as JSON
UPDATE job SET state = 'FAILED', ended = clock_timestamp(), leased_until = NULL, problem = $3
WHERE job_id = $1 AND attempt = $2 AND state = 'RUNNING'
