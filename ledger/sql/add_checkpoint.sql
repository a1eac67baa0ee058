-- Keep a checkpoint that was signed.
-- $1 log_id, $2 origin, $3 size, $4 root
INSERT INTO checkpoint (log_id, origin, size, root) VALUES ($1, $2, $3, $4)
