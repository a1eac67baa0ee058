-- Find a job of a token that is still kept.
-- $1 job id, $2 token id, $3 how long jobs are kept after their end
SELECT * FROM job WHERE job_id = $1 AND token_id = $2 AND (ended IS NULL OR ended > clock_timestamp() - $3::interval)
