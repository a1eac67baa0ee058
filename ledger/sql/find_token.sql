-- Find a credential by its id, with the clock that judges whether it has expired.
-- $1 token id
SELECT token_id, secret_sha256, role, logs, expires, revoked, clock_timestamp() AS now FROM token WHERE token_id = $1
