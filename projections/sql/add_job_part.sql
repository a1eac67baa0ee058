-- Add a piece to the result of an attempt; no row where it was cancelled, or is another process's.
-- $1 job id, $2 attempt, $3 number, $4 content
INSERT INTO job_part (job_id, attempt, number, content)
SELECT job_id, attempt, $3, $4 FROM job WHERE job_id = $1 AND attempt = $2 AND state = 'RUNNING'
RETURNING number
