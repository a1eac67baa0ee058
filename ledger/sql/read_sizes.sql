-- Read the size of every log.
SELECT log_id, size FROM log_head ORDER BY log_id
