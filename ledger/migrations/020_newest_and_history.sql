-- The newest rectangle of each key stands in the view's table, and what it was before in the view's history. What is asked
-- about now is told by the newest, which are few, stay where they began, and are changed in place: a row that changes
-- its place costs an entry of each index. What is asked about an earlier time is looked up key by key in the history,
-- which is only ever added to, but for ends that are known late.
DO $$
DECLARE
    view record;
BEGIN
    FOR view IN
        SELECT tablename AS name, tablename || '_history' AS history FROM pg_tables
        WHERE schemaname = 'public' AND starts_with(tablename, 'view_') AND NOT tablename LIKE '%\_rebuilt'
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO %I', view.name, view.history);
        EXECUTE format('ALTER INDEX IF EXISTS %I RENAME TO %I', view.name || '_pkey', view.history || '_pkey');
        EXECUTE format('ALTER TABLE %I SET (fillfactor = 100)', view.history);
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES) WITH (fillfactor = 90)', view.name, view.history);
        EXECUTE format(
            'INSERT INTO %I SELECT DISTINCT ON (log_id, subject, key) * FROM %I '
            'ORDER BY log_id, subject, key, known_from DESC, valid_from DESC, certainty DESC', view.name, view.history);
        EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (log_id, subject, key)', view.name);
        EXECUTE format(
            'DELETE FROM %I AS earlier USING %I AS newest WHERE (earlier.log_id, earlier.subject, earlier.key, '
            'earlier.valid_from, earlier.known_from, earlier.certainty) = (newest.log_id, newest.subject, newest.key, '
            'newest.valid_from, newest.known_from, newest.certainty)', view.history, view.name);
        EXECUTE format('GRANT SELECT ON %I TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer', view.name);
        EXECUTE format('GRANT INSERT, UPDATE ON %I TO jejak_projector', view.name);
    END LOOP;
END $$;

-- None holds what a change of the newest row would change, so that it stays a cheap update.
ALTER INDEX IF EXISTS listing_by_seller RENAME TO listing_history_by_seller;
ALTER INDEX IF EXISTS takedown_by_notifier RENAME TO takedown_history_by_notifier;
ALTER INDEX IF EXISTS takedown_by_listing RENAME TO takedown_history_by_listing;
ALTER INDEX IF EXISTS seller_that_holds RENAME TO seller_that_held;
CREATE INDEX listing_by_seller ON view_listing (log_id, seller, subject, key);
CREATE INDEX takedown_by_notifier ON view_takedown (log_id, notifier, subject, key);
CREATE INDEX takedown_by_listing ON view_takedown (log_id, listing, subject, key);
CREATE INDEX seller_that_holds ON view_seller (log_id, subject) WHERE holds;

-- The projector puts what is to replace newest rows into temporary tables first.
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO jejak_projector', current_database()); END $$;
