-- What a token was given beside role and logs, and the secret before this one, which counts a while longer.
ALTER TABLE token
    ADD COLUMN jurisdictions text[] NOT NULL DEFAULT '{}',
    ADD COLUMN subjects text[] NOT NULL DEFAULT '{}',
    ADD COLUMN party text COLLATE "C",
    ADD COLUMN window_from timestamptz,
    ADD COLUMN window_to timestamptz,
    ADD COLUMN purpose text,
    ADD COLUMN previous_sha256 bytea,
    ADD COLUMN previous_until timestamptz,
    ADD COLUMN rotated timestamptz,
    ADD CONSTRAINT an_earlier_secret_ends CHECK ((previous_sha256 IS NULL) = (previous_until IS NULL));
