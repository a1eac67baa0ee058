-- Which ledger this is, among all there ever were: what is kept outside the database and the data folder (keys, marks,
-- the list of destroyed keys) stands under this id. And by which master key a data subject's key is wrapped.
ALTER TABLE ledger ADD COLUMN ledger_id uuid NOT NULL DEFAULT gen_random_uuid();

-- The id of the master key; empty for what was wrapped before master keys had ids.
ALTER TABLE subject_key ADD COLUMN wrapped_by text COLLATE "C" NOT NULL DEFAULT '';

-- The master keys that wrap keys now, by id; the keys themselves are never here. One is in use: what is made new is
-- wrapped by it. Another is there only while keys that it wrapped are wrapped anew.
CREATE TABLE master_key (
    master_id text COLLATE "C" PRIMARY KEY,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired timestamptz
);
CREATE UNIQUE INDEX one_master_key_in_use ON master_key ((true)) WHERE retired IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON master_key TO jejak_keeper;

-- By its id a destroyed key is looked for again at every start.
CREATE INDEX key_of_id ON subject_key (log_id, key_id);

-- The key of a class of identifiers, wrapped by the master key: equal numbers give equal tokens, and nothing else does.
CREATE TABLE identifier_key (
    name text COLLATE "C" CONSTRAINT one_key_for_each_class PRIMARY KEY,
    key_id text COLLATE "C" NOT NULL,
    wrapped bytea NOT NULL,
    wrapped_by text COLLATE "C" NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON identifier_key TO jejak_keeper;

-- Erasures that are under way: who is told of a hold waits until they are over (`ledger.erasure`).
CREATE TABLE erasure_under_way (
    attempt uuid CONSTRAINT one_row_for_each_attempt PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON erasure_under_way TO jejak_keeper;
GRANT SELECT ON erasure_under_way TO jejak_writer;
