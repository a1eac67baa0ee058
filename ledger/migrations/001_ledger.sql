-- The truth: logs, their heads, their events and the hash tiles over them; and what guards them.
-- Every key begins with log_id, no transaction writes two logs, and nothing depends on a sequence,
-- a trigger, an advisory lock or a NOTIFY, so the same schema shards by log_id.

CREATE TABLE ledger (
    only_one boolean PRIMARY KEY DEFAULT true CONSTRAINT one_ledger_for_each_database CHECK (only_one),
    name text COLLATE "C" NOT NULL,
    test_clock boolean NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE log (
    log_id integer PRIMARY KEY,
    slug text COLLATE "C" NOT NULL CONSTRAINT one_log_for_each_slug UNIQUE,
    kind text COLLATE "C" NOT NULL,
    timezone text COLLATE "C" NOT NULL,
    jurisdiction text COLLATE "C",
    data_class text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    created timestamptz NOT NULL
);

-- The one hot row: locking it is the fence and the order of a log.
CREATE TABLE log_head (
    log_id integer PRIMARY KEY,
    size bigint NOT NULL CONSTRAINT a_log_never_has_a_negative_size CHECK (size >= 0),
    frontier bytea NOT NULL CONSTRAINT a_frontier_is_whole_hashes CHECK (length(frontier) % 32 = 0),
    recordedtime timestamptz
) WITH (fillfactor = 50);

CREATE TABLE event (
    log_id integer NOT NULL,
    position bigint NOT NULL,
    version integer NOT NULL,
    recordedtime timestamptz NOT NULL,
    id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    leaf_hash bytea NOT NULL,
    entry bytea NOT NULL,
    CONSTRAINT one_event_for_each_position PRIMARY KEY (log_id, position),
    CONSTRAINT one_event_for_each_id UNIQUE (log_id, id),
    CONSTRAINT one_event_for_each_version UNIQUE (log_id, subject, version)
);

-- Full tiles only (256 hashes of 32 bytes); the partial ones at the right edge follow from leaf_hash, and above
-- level 0 from the roots of the tiles below, kept beside them so that no proof reads their hashes.
CREATE TABLE tile (
    log_id integer NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL CONSTRAINT a_stored_tile_is_full CHECK (length(hashes) = 8192),
    root bytea NOT NULL CONSTRAINT a_root_is_one_hash CHECK (length(root) = 32),
    CONSTRAINT one_tile_for_each_place PRIMARY KEY (log_id, level, index)
);
ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- A data subject's key in one log, wrapped by the master key; without it, the fact of its destruction.
CREATE TABLE subject_key (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    wrapped bytea,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed timestamptz,
    CONSTRAINT one_key_for_each_subject PRIMARY KEY (log_id, subject),
    CONSTRAINT a_key_is_kept_or_destroyed CHECK ((wrapped IS NULL) = (destroyed IS NOT NULL))
);

CREATE TABLE token (
    token_id text COLLATE "C" PRIMARY KEY,
    secret_sha256 bytea NOT NULL,
    role text COLLATE "C" NOT NULL,
    logs text[] NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires timestamptz,
    revoked timestamptz
);

-- How far a view has followed a log: the position of the next event it will read.
CREATE TABLE cursor (
    view text COLLATE "C" NOT NULL,
    log_id integer NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT one_cursor_for_each_view PRIMARY KEY (view, log_id)
);

-- Entries, leaves and tiles are never changed: by privilege below, and by trigger for who owns the tables.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tile_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Roles belong to the whole server: another ledger may have made them, and may be making them now. Whoever comes second
-- sees a duplicate, or (internal_error) "tuple concurrently updated", and finds done what it wanted.
-- A superuser may take any role. Others need the membership, and from PostgreSQL 16 on that with the SET option.
DO $$
DECLARE
    wanted text;
    needed constant text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['jejak_writer', 'jejak_signer', 'jejak_projector', 'jejak_keeper', 'jejak_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation OR internal_error THEN
                NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, needed) THEN
            BEGIN
                EXECUTE format('GRANT %I TO %I', wanted, current_user);
            EXCEPTION WHEN unique_violation OR internal_error THEN
                NULL;
            END;
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO jejak_writer, jejak_signer, jejak_projector, jejak_keeper, jejak_reader;
GRANT SELECT ON ledger, log, log_head, event, tile, cursor
    TO jejak_writer, jejak_signer, jejak_projector, jejak_keeper, jejak_reader;
GRANT INSERT ON event, tile TO jejak_writer;
GRANT UPDATE ON log_head TO jejak_writer;
GRANT INSERT, UPDATE, DELETE ON cursor TO jejak_projector;
GRANT INSERT ON ledger, log, log_head TO jejak_keeper;
GRANT SELECT, INSERT, UPDATE ON token, subject_key TO jejak_keeper;
