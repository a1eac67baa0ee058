-- Read all credentials, newest last; never a secret.
SELECT token_id, role, logs, jurisdictions, subjects, party, window_from, window_to, purpose, created, expires, revoked,
    rotated, previous_until
FROM token ORDER BY created, token_id
