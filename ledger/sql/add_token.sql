-- Keep a new credential.
-- $1 token id, $2 SHA-256 of its secret, $3 role, $4 logs, $5 expiry or null
INSERT INTO token (token_id, secret_sha256, role, logs, expires) VALUES ($1, $2, $3, $4, $5)
