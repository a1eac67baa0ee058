-- Read how far all of these views have followed each log.
-- $1 views
SELECT log_head.log_id, coalesce(min(cursor.position), 0) AS position, log_head.size
FROM log_head LEFT JOIN cursor ON cursor.log_id = log_head.log_id AND cursor.view = ANY($1::text[])
GROUP BY log_head.log_id, log_head.size ORDER BY log_head.log_id
