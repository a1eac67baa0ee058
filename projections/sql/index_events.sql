-- Take events of a log into the search, and count them in: whoever runs this has locked the log's cursor.
-- $1 log_id, $2 first position, $3 end of the positions
WITH given AS (
    SELECT log_id, position, type, recordedtime, time_of(entry) AS time, words_of(entry) AS words
    FROM event WHERE log_id = $1 AND position >= $2 AND position < $3
), counted AS (
    INSERT INTO event_count (log_id, clock, month, type, entries)
    SELECT log_id, clock, month_of(CASE clock WHEN 'EFFECT' THEN time ELSE recordedtime END), type, count(*)
    FROM given CROSS JOIN unnest(ARRAY['RECORDED', 'EFFECT']) AS clock
    GROUP BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT one_count_for_each_month_and_type
    DO UPDATE SET entries = event_count.entries + excluded.entries
)
INSERT INTO event_search (log_id, position, type, time, words)
SELECT log_id, position, type, time, words FROM given
