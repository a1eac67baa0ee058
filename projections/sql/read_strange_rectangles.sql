-- Read rectangles that no stream can have made. `view_any` stands for the view's table.
-- $1 log_id, $2 limit
SELECT subject, key FROM (SELECT * FROM view_any UNION ALL SELECT * FROM view_any_history) AS rectangle
WHERE log_id = $1 AND (certainty NOT IN ('CERTAIN', 'POSSIBLE', 'BOTH') OR NOT EXISTS (
    SELECT FROM event WHERE event.log_id = rectangle.log_id AND event.subject = rectangle.subject AND event.version = 1))
LIMIT $2
