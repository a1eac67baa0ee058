-- Forget a job of a token that has ended, with its result.
-- $1 job id, $2 token id
DELETE FROM job WHERE job_id = $1 AND token_id = $2 AND state NOT IN ('QUEUED', 'RUNNING') RETURNING *
