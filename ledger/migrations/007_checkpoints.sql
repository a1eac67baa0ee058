-- What a log has signed of itself: its keys, its checkpoints and all signatures on them; and logs that are halted.

-- Public keys only: the private ones are outside the database. An origin's first key is made with the log, others by
-- rotation; `retired` is from when on a key signs no more.
CREATE TABLE log_key (
    log_id integer NOT NULL,
    origin text COLLATE "C" NOT NULL,
    key_id bytea NOT NULL CONSTRAINT a_key_id_is_four_bytes CHECK (length(key_id) = 4),
    vkey text COLLATE "C" NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired timestamptz,
    CONSTRAINT one_key_for_each_key_id PRIMARY KEY (log_id, origin, key_id)
);

-- Every checkpoint ever signed. One size of an origin has one root, for ever.
CREATE TABLE checkpoint (
    log_id integer NOT NULL,
    origin text COLLATE "C" NOT NULL,
    size bigint NOT NULL CONSTRAINT a_checkpoint_has_no_negative_size CHECK (size >= 0),
    root bytea NOT NULL CONSTRAINT a_signed_root_is_one_hash CHECK (length(root) = 32),
    signed timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT one_checkpoint_for_each_size PRIMARY KEY (log_id, origin, size)
);

-- The log's own signatures, under its origin's name, and those of witnesses.
CREATE TABLE signature (
    log_id integer NOT NULL,
    origin text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    key_id bytea NOT NULL,
    value bytea NOT NULL,
    added timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT one_signature_for_each_signer PRIMARY KEY (log_id, origin, size, name, key_id)
);

-- A log that contradicts what it has signed: nothing is appended to it or signed of it until it agrees again or, where
-- the halt is lasting (what contradicts it is known to a witness alone), until it is reopened.
CREATE TABLE log_halt (
    log_id integer PRIMARY KEY,
    reason text COLLATE "C" NOT NULL,
    lasting boolean NOT NULL DEFAULT true,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER checkpoint_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON log_key, checkpoint, signature, log_halt
    TO jejak_writer, jejak_signer, jejak_projector, jejak_keeper, jejak_reader;
GRANT INSERT ON log_key, checkpoint, signature TO jejak_signer;
GRANT UPDATE (retired) ON log_key TO jejak_signer;
GRANT INSERT, DELETE ON log_halt TO jejak_signer;
-- The row of a log is the lock of its signers, and a reopened log has another origin.
GRANT UPDATE (origin) ON log TO jejak_signer;
