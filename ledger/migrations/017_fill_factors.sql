-- Rows of views are changed once or twice, and most of them soon. A tenth of a page is left for that: what is changed
-- later goes elsewhere, which costs an entry of the indexes. Half a page, as before, made a ledger a quarter larger and
-- saved nothing: there were more pages to write.
DO $$
DECLARE
    view record;
BEGIN
    FOR view IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND starts_with(tablename, 'view_') LOOP
        EXECUTE format('ALTER TABLE %I SET (fillfactor = 90)', view.name);
    END LOOP;
END $$;
ALTER TABLE point SET (fillfactor = 90);
