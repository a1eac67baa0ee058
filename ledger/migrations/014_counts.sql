-- How many entries of each type there are of each month: by when they were recorded, and by when what they say took
-- effect. Kept with the search (011), in the same transaction: a count is of the entries that the search has taken in.
CREATE TABLE event_count (
    log_id integer NOT NULL,
    clock text COLLATE "C" NOT NULL CONSTRAINT a_count_is_by_a_clock CHECK (clock IN ('RECORDED', 'EFFECT')),
    month date NOT NULL CONSTRAINT a_month_is_its_first_day CHECK (extract(day FROM month) = 1),
    type text COLLATE "C" NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT one_count_for_each_month_and_type PRIMARY KEY (log_id, clock, month, type)
);
GRANT SELECT ON event_count TO jejak_projector, jejak_reader;
GRANT INSERT, UPDATE ON event_count TO jejak_projector;

-- The first day of an instant's month, in UTC.
CREATE FUNCTION month_of(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_trunc('month', moment AT TIME ZONE 'UTC')::date;

-- What the search has taken in by now.
INSERT INTO event_count (log_id, clock, month, type, entries)
SELECT log_id, clock, month_of(CASE clock WHEN 'EFFECT' THEN time ELSE recordedtime END), event_search.type, count(*)
FROM event_search JOIN event USING (log_id, position) CROSS JOIN unnest(ARRAY['RECORDED', 'EFFECT']) AS clock
GROUP BY 1, 2, 3, 4;
