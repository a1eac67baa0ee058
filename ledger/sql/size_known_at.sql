-- The size a log had at an instant: the first position recorded after it. Binary search over positions, since
-- recordedtime grows with them; no index on recordedtime is needed.
-- $1 log_id, $2 size now, $3 instant
WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, $2::bigint
    UNION ALL
    SELECT CASE WHEN event.recordedtime <= $3 THEN event.position + 1 ELSE low END,
           CASE WHEN event.recordedtime <= $3 THEN high ELSE event.position END
    FROM search JOIN event ON event.log_id = $1 AND event.position = (low + high) / 2
    WHERE low < high
)
SELECT low FROM search WHERE low = high
