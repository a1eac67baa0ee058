-- Create a log and its empty head at once.
-- $1 slug, $2 kind, $3 timezone, $4 jurisdiction or null, $5 data class, $6 origin
WITH made AS (
    INSERT INTO log (log_id, slug, kind, timezone, jurisdiction, data_class, origin, created)
    SELECT coalesce(max(log_id), 0) + 1, $1, $2, $3, $4, $5, $6, clock_timestamp() FROM log
    RETURNING log_id, slug, kind, timezone, jurisdiction, data_class, origin, created
), head AS (
    INSERT INTO log_head (log_id, size, frontier) SELECT log_id, 0, '' FROM made
)
SELECT log_id, slug, kind, timezone, jurisdiction, data_class, origin, created FROM made
