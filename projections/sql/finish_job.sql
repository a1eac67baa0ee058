-- End an attempt with its result; no row where it was cancelled, or is another process's.
-- $1 job id, $2 attempt, $3 done, $4 manifest, $5 SHA-256 of the result, $6 its bytes
UPDATE job SET state = 'DONE', ended = clock_timestamp(), leased_until = NULL, done = $3, total = $3, manifest = $4,
    sha256 = $5, bytes = $6
WHERE job_id = $1 AND attempt = $2 AND state = 'RUNNING'
RETURNING job_id
