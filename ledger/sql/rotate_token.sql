-- Give a credential a new secret; the one before it counts until then. Nothing of a revoked one.
-- $1 token id, $2 SHA-256 of the new secret, $3 for how long the old one counts, as an interval
UPDATE token
SET previous_sha256 = secret_sha256, previous_until = clock_timestamp() + $3::interval, secret_sha256 = $2,
    rotated = clock_timestamp()
WHERE token_id = $1 AND revoked IS NULL
RETURNING previous_until
