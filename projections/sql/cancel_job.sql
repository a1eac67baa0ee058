-- Cancel a job of a token that has not ended: from here on no process can add to it.
-- $1 job id, $2 token id
UPDATE job SET state = 'CANCELLED', ended = clock_timestamp(), leased_until = NULL
WHERE job_id = $1 AND token_id = $2 AND state IN ('QUEUED', 'RUNNING')
RETURNING *
