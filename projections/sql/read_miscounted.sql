-- Read of which months the counts of a log are not what the entries give that the search has taken in.
-- $1 log_id, $2 the search's name, $3 limit
SELECT clock, month, type
FROM (
    SELECT clock, month_of(CASE clock WHEN 'EFFECT' THEN time_of(entry) ELSE recordedtime END) AS month, type,
        count(*) AS entries
    FROM event CROSS JOIN unnest(ARRAY['RECORDED', 'EFFECT']) AS clock
    WHERE log_id = $1
        AND position < coalesce((SELECT position FROM cursor WHERE view = $2 AND log_id = $1), 0)
    GROUP BY 1, 2, 3
) AS given
FULL JOIN (SELECT clock, month, type, entries FROM event_count WHERE log_id = $1) AS kept USING (clock, month, type)
WHERE given.entries IS DISTINCT FROM kept.entries
ORDER BY clock, month, type LIMIT $3
