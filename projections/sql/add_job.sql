-- Queue a job of a token, unless it has as many under way, or as many kept, as it may.
-- $1 job id, $2 kind, $3 token id, $4 question, $5 most under way, $6 most kept
INSERT INTO job (job_id, kind, token_id, question)
SELECT $1, $2, $3, $4
WHERE (SELECT count(*) FROM job WHERE token_id = $3 AND state IN ('QUEUED', 'RUNNING')) < $5::bigint
    AND (SELECT count(*) FROM job WHERE token_id = $3) < $6::bigint
RETURNING *
