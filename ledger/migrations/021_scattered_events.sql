-- Events of some streams of a long log, by subject, then version; null where one is not below a size. Of such a log the
-- events of a stream stand in pages far apart, few of which are in memory: all are looked up first, and their pages asked
-- of the disk many at once, in their order there. Of pages that are in memory this takes half as long again as reading in
-- the order of the index, which asks for one page after another.
CREATE FUNCTION scattered_events(
    of_log integer, after_subject text, after_version integer, last_subject text, last_version integer, known bigint
) RETURNS TABLE (subject text, version integer, entry bytea) LANGUAGE sql STABLE
SET enable_indexscan = off SET enable_seqscan = off SET max_parallel_workers_per_gather = 0
SET effective_io_concurrency = 64
AS $$
    SELECT event.subject, event.version, CASE WHEN event.position < known THEN event.entry END
    FROM event
    WHERE event.log_id = of_log AND (event.subject, event.version) > (after_subject, after_version)
        AND (event.subject, event.version) <= (last_subject, last_version)
    ORDER BY event.subject, event.version
$$;
REVOKE ALL ON FUNCTION scattered_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scattered_events TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
