-- Count the stored tiles of each level.
-- $1 log_id
SELECT level, count(*) AS tiles FROM tile WHERE log_id = $1 GROUP BY level ORDER BY level
