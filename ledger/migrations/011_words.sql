-- Events found by their words, their time and their type: beside the log and after it, so that appending pays nothing
-- for it. `projections.event_search` fills the table; what it has not reached yet is looked for in the log itself, by
-- the same functions, so an answer never depends on how far it is.

-- A text with blanks for what PostgreSQL's parser would make hosts, files, tags or signed numbers of: `R-17/a.b` is four
-- words to whoever looks for one. None of these characters means anything between the strings of an entry. One by one,
-- as `translate` takes four times as long.
CREATE FUNCTION parted(whole text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(replace(replace(replace(replace(replace(
    whole, '/', ' '), '.', ' '), '-', ' '), '@', ' '), '<', ' '), '~', ' '), '+', ' ');

-- The words of an entry's payload, each as it is and by its Indonesian and its English stem, without their places.
-- Ciphertext is none: it is blanked before. Names of members are none either. JSON as it is, not as jsonb, which would
-- drop one of two members whose names are parted to the same.
CREATE FUNCTION words_of(entry bytea) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT strip(
        json_to_tsvector('pg_catalog.simple', payload.data, '["string", "numeric"]')
        || json_to_tsvector('pg_catalog.indonesian', payload.data, '["string", "numeric"]')
        || json_to_tsvector('pg_catalog.english', payload.data, '["string", "numeric"]'))
    FROM (
        SELECT parted(
            regexp_replace(convert_from(entry, 'UTF8')::json ->> 'data', '"enc:v1:[^"]*"', '""', 'g'))::json AS data
        OFFSET 0
    ) AS payload
);

-- What finds the entries that have all the words asked for, each in one of these forms.
CREATE FUNCTION words_asked(asked text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg('(' || form.any_of::text || ')', ' & ')::tsquery
    FROM unnest(asked) AS word CROSS JOIN LATERAL (
        SELECT plainto_tsquery('pg_catalog.simple', parted(word))
            || plainto_tsquery('pg_catalog.indonesian', parted(word))
            || plainto_tsquery('pg_catalog.english', parted(word)) AS any_of
    ) AS form
    WHERE numnode(form.any_of) > 0
);

-- When the fact of an entry took effect. An entry's instants are in UTC, so this depends on no setting.
CREATE FUNCTION time_of(entry bytea) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (convert_from(entry, 'UTF8')::json ->> 'time')::timestamptz;

-- The type is the event's own; here it can have an index.
CREATE TABLE event_search (
    log_id integer NOT NULL,
    position bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    time timestamptz NOT NULL,
    words tsvector NOT NULL,
    CONSTRAINT one_search_row_for_each_event PRIMARY KEY (log_id, position)
);
CREATE INDEX event_by_type ON event_search (log_id, type, position);
CREATE INDEX event_by_time ON event_search (log_id, time);
CREATE INDEX event_by_words ON event_search USING gin (words);
GRANT SELECT ON event_search TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer;
GRANT INSERT ON event_search TO jejak_projector;
