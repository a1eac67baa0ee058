-- Read how far all of these views have followed each log; a view without a cursor has not begun.
-- $1 views
SELECT log_head.log_id, min(coalesce(cursor.position, 0)) AS position, log_head.size
FROM log_head CROSS JOIN unnest($1::text[]) AS wanted (view)
LEFT JOIN cursor ON cursor.log_id = log_head.log_id AND cursor.view = wanted.view
GROUP BY log_head.log_id, log_head.size ORDER BY log_head.log_id
