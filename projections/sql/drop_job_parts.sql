-- Drop the pieces that no result needs any more: of attempts that were given up, and of jobs without a result.
DELETE FROM job_part USING job
WHERE job.job_id = job_part.job_id AND (
    job.state IN ('FAILED', 'CANCELLED') OR (job.state <> 'QUEUED' AND job_part.attempt < job.attempt)
)
