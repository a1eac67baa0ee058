-- The views: what follows from the truth, rebuilt from it at will. Each table holds rectangles: what a row is for the
-- valid range [valid_from, valid_to), as known to those who know more than `known_from` and at most `known_to` entries
-- of the log. `valid_to` itself counts for those who know more than `valid_to_known` entries; to others the range has
-- no end. No index but the key, and none on valid_to, so that closing a range stays a cheap update.
-- `item` is the answer as JSON; the typed columns are what lists filter by.

CREATE TABLE view_listing (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    lifecycle text COLLATE "C",
    seller text COLLATE "C",
    cluster text COLLATE "C",
    category text COLLATE "C",
    ship_from text COLLATE "C",
    origin text COLLATE "C",
    destinations text[] COLLATE "C",
    restricted boolean NOT NULL,
    hidden_in text[] COLLATE "C" NOT NULL,
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_restriction (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    in_force boolean NOT NULL,
    ground text COLLATE "C",
    instruments text[] COLLATE "C" NOT NULL,
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_seller (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    holds boolean NOT NULL,
    verification text COLLATE "C" NOT NULL,
    entity_class text COLLATE "C",
    platform text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_service (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    service text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    suspended boolean NOT NULL,
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_takedown (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    notifier text COLLATE "C",
    size_class text COLLATE "C",
    tier text COLLATE "C",
    regime text COLLATE "C",
    listing text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_dispute (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    outcome text COLLATE "C",
    forum text COLLATE "C" NOT NULL,
    claimant_country text COLLATE "C",
    respondent_country text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

GRANT SELECT ON view_listing, view_restriction, view_seller, view_service, view_takedown, view_dispute
    TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
GRANT INSERT, UPDATE ON view_listing, view_restriction, view_seller, view_service, view_takedown, view_dispute
    TO jejak_projector;
-- An answer on basis SOURCE is folded, and asked by the same statements, from temporary tables of the views' names.
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO jejak_reader', current_database()); END $$;
