-- Judge a page of the places of a log's events, stream by stream, below a size: by subject, then version. Read those
-- whose version does not follow that before it in its stream, or whose position does not; and the last of the page,
-- which the next one begins with.
-- $1 log_id, $2 subject and $3 version at which to begin, $4 size, $5 limit
SELECT subject, version, position, before, behind FROM (
    SELECT subject, version, position,
        lag(version, 1, 0) OVER stream AS before,
        lag(position, 1, -1::bigint) OVER stream AS behind,
        lead(version) OVER page IS NULL AS is_last
    FROM (
        SELECT subject, version, position FROM event
        WHERE log_id = $1 AND (subject, version) >= ($2, $3) AND position < $4
        ORDER BY subject, version LIMIT $5
    ) AS places
    WINDOW stream AS (PARTITION BY subject ORDER BY version), page AS (ORDER BY subject, version)
) AS judged
WHERE is_last OR version <> before + 1 OR position < behind
ORDER BY subject, version
