-- One rectangle for both certainties, where they agree: `certainty` BOTH. Most streams have no imprecise fact, and were
-- stored twice. The subject is the first thing that lists are in order of, so it stands in front of the certainty.
-- A row is changed at most a few times, and most once, when its end becomes known: half of a page is left for that, so
-- that the new version stands beside the old one, no index changes, and the write-ahead log holds what differs.
DO $$
DECLARE
    view record;
BEGIN
    FOR view IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'view_') LOOP
        EXECUTE format('TRUNCATE %I', view.name);
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', view.name, view.name || '_pkey');
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (log_id, subject, key, valid_from, known_from, certainty)', view.name);
        EXECUTE format('ALTER TABLE %I SET (fillfactor = 50)', view.name);
    END LOOP;
END $$;
-- They are made again from the log.
DELETE FROM cursor;

-- Where a stream has come to, for the projector alone: made from the log, trusted only at the version it names, and not
-- logged, so a crash empties it.
CREATE UNLOGGED TABLE point (
    log_id integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    moment timestamptz NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT one_point_for_each_stream PRIMARY KEY (log_id, subject)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE, DELETE ON point TO jejak_projector;

-- What many lists are asked by, and few rows have: the rest is read in order of subject and filtered.
CREATE INDEX listing_by_seller ON view_listing (log_id, seller, subject, key, known_from);
CREATE INDEX takedown_by_notifier ON view_takedown (log_id, notifier, subject, key, known_from);
CREATE INDEX takedown_by_listing ON view_takedown (log_id, listing, subject, key, known_from);
