-- Revoke a credential at once; one that is revoked stays as it was.
-- $1 token id
UPDATE token SET revoked = coalesce(revoked, clock_timestamp()) WHERE token_id = $1 RETURNING revoked
