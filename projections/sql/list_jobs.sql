-- List the jobs of a token that are still kept, newest first.
-- $1 token id, $2 how long jobs are kept after their end
SELECT * FROM job WHERE token_id = $1 AND (ended IS NULL OR ended > clock_timestamp() - $2::interval)
ORDER BY created DESC, job_id
