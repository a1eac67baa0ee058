-- More views, of the pattern of 002: what the lists of the contract answer beside the first ones.

CREATE TABLE view_agreement (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    status text COLLATE "C",
    kind text COLLATE "C",
    parties text[] COLLATE "C",
    countries text[] COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_appeal (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    state text COLLATE "C",
    result text COLLATE "C",
    platform text COLLATE "C" NOT NULL,
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_authority_order (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    authority text COLLATE "C" NOT NULL,
    kind text COLLATE "C",
    state text COLLATE "C",
    addressee text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_body (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    kind text COLLATE "C",
    status text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_claim (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    speaker text COLLATE "C",
    state text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_feature (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    feature text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_information_request (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    authority text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    addressee text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_investigation (
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
    kind text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_ip_right (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    status text COLLATE "C",
    type text COLLATE "C",
    owner text COLLATE "C",
    territories text[] COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_meeting (
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
    mode text COLLATE "C",
    industries text[] COLLATE "C",
    parties text[] COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_membership (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    body text COLLATE "C" NOT NULL,
    party text COLLATE "C",
    tier text COLLATE "C",
    status text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_party (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    kind text COLLATE "C",
    country text COLLATE "C",
    size_class text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_policy (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    status text COLLATE "C",
    kind text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_programme (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    valid_to_known bigint NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL,
    owner text COLLATE "C",
    state text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

CREATE TABLE view_referral (
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
    receiver text COLLATE "C",
    agreement text COLLATE "C",
    item bytea NOT NULL,
    PRIMARY KEY (log_id, certainty, subject, key, valid_from, known_from)
) WITH (fillfactor = 90);

GRANT SELECT ON
    view_agreement, view_appeal, view_authority_order, view_body, view_claim, view_feature,
    view_information_request, view_investigation, view_ip_right, view_meeting, view_membership, view_party,
    view_policy, view_programme, view_referral
    TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
GRANT INSERT, UPDATE ON
    view_agreement, view_appeal, view_authority_order, view_body, view_claim, view_feature,
    view_information_request, view_investigation, view_ip_right, view_meeting, view_membership, view_party,
    view_policy, view_programme, view_referral
    TO jejak_projector;
