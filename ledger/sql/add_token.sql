-- Keep a new credential.
-- $1 token id, $2 SHA-256 of its secret, $3 role, $4 logs, $5 expiry or null, $6 jurisdictions, $7 subjects,
-- $8 party or null, $9 and $10 the window or nulls, $11 purpose or null
INSERT INTO token (token_id, secret_sha256, role, logs, expires, jurisdictions, subjects, party, window_from, window_to, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
