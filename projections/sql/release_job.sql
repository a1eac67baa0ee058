-- Give an attempt up, so that another process takes the job at once.
-- $1 job id, $2 attempt
UPDATE job SET state = 'QUEUED', leased_until = NULL WHERE job_id = $1 AND attempt = $2 AND state = 'RUNNING'
