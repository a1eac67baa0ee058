-- Count the newest rectangles of some keys of a long log, for what it reads: of such a log the rows of neighbouring keys
-- stand in pages apart, few of which are in memory. Their pages are asked of the disk many at once, in their order there;
-- a page of a list, which looks at one key after the other until it is full, then finds them in memory.
CREATE FUNCTION scattered_rectangles(
    of_view regclass, of_log integer, after_subject text, after_key text, last_subject text, last_key text
) RETURNS bigint LANGUAGE plpgsql STABLE
SET enable_indexscan = off SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
SET effective_io_concurrency = 64
AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format(
        'SELECT count(known_to) FROM %s WHERE log_id = $1 AND (subject, key) > ($2, $3) AND (subject, key) <= ($4, $5)',
        of_view
    ) INTO found USING of_log, after_subject, after_key, last_subject, last_key;
    RETURN found;
END $$;
REVOKE ALL ON FUNCTION scattered_rectangles FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scattered_rectangles TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
