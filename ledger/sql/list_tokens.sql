-- Read all credentials, newest last; never a secret.
SELECT token_id, role, logs, created, expires, revoked FROM token ORDER BY created, token_id
