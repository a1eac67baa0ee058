-- Read a page of a log's events with everything that is stored beside the entries. An instant beyond the years 1 to 9999
-- is read as null: no entry has it.
-- $1 log_id, $2 first position, $3 end, $4 limit
SELECT position, version,
    CASE WHEN recordedtime >= '0001-01-01 00:00:00+00' AND recordedtime < '10000-01-01 00:00:00+00'
        THEN recordedtime END AS recordedtime,
    id, subject, type, leaf_hash, entry
FROM event
WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position LIMIT $4
