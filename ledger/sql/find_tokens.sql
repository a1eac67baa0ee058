-- Find credentials by their ids, with the clock that judges whether they have expired.
-- $1 token ids
SELECT token_id, secret_sha256, role, logs, jurisdictions, subjects, party, window_from, window_to, purpose, expires,
    revoked, previous_sha256, previous_until, clock_timestamp() AS now
FROM token WHERE token_id = ANY($1::text[])
