-- Read which logs are halted, why and since when.
SELECT log_id, slug, reason, since FROM log_halt JOIN log USING (log_id) ORDER BY slug
