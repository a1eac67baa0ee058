-- How many items a list has, as of any date and as known to anyone, without reading the list: tallies, kept with the
-- views in the same transactions, for the columns that views name (`projections.tallies`).
-- A rectangle counts from its valid_from on for those who know more than known_from entries, and each of its ends takes
-- it away again: so a count is a sum of corners, +1 or -1 at an instant and a position, which are only ever added to.
-- A row is the corners of a stretch of the log, of one certainty and with the same labels (the values of those columns
-- as text): all of them together, and, for who asks of a moment between the first and the last of them, one by one.
CREATE TABLE tally (
    log_id integer NOT NULL,
    view text COLLATE "C" NOT NULL,
    certainty text COLLATE "C" NOT NULL,
    labels text[] COLLATE "C" NOT NULL,
    first_instant timestamptz NOT NULL,
    last_instant timestamptz NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    total bigint NOT NULL,
    instants timestamptz[] NOT NULL,
    positions bigint[] NOT NULL,
    signs smallint[] NOT NULL
);
CREATE INDEX tally_by_position ON tally (log_id, view, first_position);
GRANT SELECT ON tally TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
GRANT INSERT, DELETE ON tally TO jejak_projector;

-- What the views hold by now.
WITH held AS (
    SELECT 'view_listing' AS view, log_id, certainty, valid_from, valid_to, valid_to_known, known_from, known_to,
        ARRAY[cluster, category, ship_from, origin, restricted::text] AS labels
    FROM view_listing
    UNION ALL
    SELECT 'view_restriction', log_id, certainty, valid_from, valid_to, valid_to_known, known_from, known_to,
        ARRAY[kind, in_force::text, ground]
    FROM view_restriction
    UNION ALL
    SELECT 'view_seller', log_id, certainty, valid_from, valid_to, valid_to_known, known_from, known_to,
        ARRAY[status, verification, entity_class, platform]
    FROM view_seller
), corner AS (
    SELECT view, log_id, certainty, labels, valid_from AS instant, known_from AS position, 1::smallint AS sign FROM held
    UNION ALL
    SELECT view, log_id, certainty, labels, valid_to, valid_to_known, -1::smallint FROM held WHERE valid_to < 'infinity'
    UNION ALL
    SELECT view, log_id, certainty, labels, valid_from, known_to, -1::smallint FROM held WHERE known_to < 9223372036854775807
    UNION ALL
    SELECT view, log_id, certainty, labels, valid_to, known_to, 1::smallint
    FROM held WHERE valid_to < 'infinity' AND known_to < 9223372036854775807
)
INSERT INTO tally
SELECT log_id, view, certainty, labels, min(instant), max(instant), min(position), max(position), sum(sign),
    array_agg(instant), array_agg(position), array_agg(sign)
FROM corner GROUP BY log_id, view, certainty, labels, position / 8192;
