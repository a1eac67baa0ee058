-- The types of a stream's events stand in the index that has their versions: what a stream holds of the types that rules
-- ask for is told by the index, and of the table only their entries are read. In a long log a page of the table is
-- seldom in memory, and one of the index mostly is.
ALTER TABLE event
    DROP CONSTRAINT one_event_for_each_version,
    ADD CONSTRAINT one_event_for_each_version UNIQUE (log_id, subject, version) INCLUDE (type);

-- The index tells by itself only what stands in pages that a vacuum has seen: all but the newest part of the log, which
-- a fifth of it would be by default. Nothing is seen twice.
ALTER TABLE event SET (autovacuum_vacuum_insert_scale_factor = 0.02);
