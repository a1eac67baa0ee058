-- The words of the search, kept so that taking in an event costs the same in a long log as in a short one. 011's index
-- had one place for each word: what an event alone has (a hash, an amount, a GTIN) came anywhere in it, so behind each
-- checkpoint almost every such word had a page of the index written to the WAL, the more the longer the log was.
-- The search is derived: it begins anew, and events are found in the log itself until it has followed again.

-- As 011's, but each word by its two stems alone: the Indonesian text search makes one of every word, so what a word
-- itself finds, that finds too. In PL/pgSQL, which starts no executor for each entry as a function with a subquery does.
CREATE OR REPLACE FUNCTION words_of(entry bytea) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    payload text := convert_from(entry, 'UTF8')::json ->> 'data';
    parts json;
BEGIN
    IF strpos(payload, '"enc:v1:') > 0 THEN
        payload := regexp_replace(payload, '"enc:v1:[^"]*"', '""', 'g');
    END IF;
    parts := parted(payload)::json;
    RETURN strip(json_to_tsvector('pg_catalog.indonesian', parts, '["string", "numeric"]')
        || json_to_tsvector('pg_catalog.english', parts, '["string", "numeric"]'));
END $$;

-- What finds the entries that have all the words asked for, each by one of its stems.
CREATE OR REPLACE FUNCTION words_asked(asked text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg(stems.any_of, ' & ')::tsquery
    FROM unnest(asked) AS word CROSS JOIN LATERAL (
        SELECT '(' || string_agg(DISTINCT stem::text, ' | ') || ')' AS any_of
        FROM unnest(ARRAY[
            plainto_tsquery('pg_catalog.indonesian', parted(word)), plainto_tsquery('pg_catalog.english', parted(word))
        ]) AS stem WHERE numnode(stem) > 0
    ) AS stems
);

-- In which stretch of its log a position is. Each has a place of its own in the index, where its words stand together.
-- Of 2^18 events they fill some 80 MB, which memory holds while they come; ten million events are 39 places to look at.
CREATE FUNCTION stretch_of(log_position bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN log_position >> 18;

-- What stands before each word of a stretch.
CREATE FUNCTION place_of(log_id integer, stretch bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN log_id || '.' || stretch || ':';

-- Words, each behind its place. No word has a control character: the parser takes those for blanks.
CREATE FUNCTION placed(words tsvector, place text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(string_to_array(
    place || array_to_string(tsvector_to_array(words), E'\x01' || place), E'\x01'));

-- What finds in the index the entries of positions [first, past) that have all the words asked for.
CREATE FUNCTION words_asked_at(asked text[], log_id integer, first bigint, past bigint) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg('(' || replace(question.form, E'\x01', place_of(log_id, stretch)) || ')', ' | ')::tsquery
    FROM (SELECT regexp_replace(words_asked(asked)::text, '''([^'']+)''', E'''\x01\\1''', 'g') AS form OFFSET 0) AS question
    CROSS JOIN generate_series(stretch_of(first), stretch_of(past - 1)) AS stretch
);

DELETE FROM cursor WHERE view = 'event_search';
TRUNCATE event_search, event_count;
DROP INDEX event_by_words;
-- What is not yet in order is looked through by every question: half a megabyte is a few milliseconds.
CREATE INDEX event_by_words ON event_search USING gin (placed(words, place_of(log_id, stretch_of("position"))))
WITH (gin_pending_list_limit = 512);
