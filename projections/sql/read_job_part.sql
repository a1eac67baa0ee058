-- Read a piece of a result.
-- $1 job id, $2 attempt, $3 number
SELECT content FROM job_part WHERE job_id = $1 AND attempt = $2 AND number = $3
