-- Read how many entries of each type logs have of each month.
-- $1 log_ids, $2 by which clock, $3 first month or null, $4 last month or null, $5 types or null
SELECT log_id, month, type, entries
FROM event_count
WHERE log_id = ANY ($1) AND clock = $2
    AND month >= coalesce($3::date, '-infinity') AND month <= coalesce($4::date, 'infinity')
    AND ($5::text[] IS NULL OR type = ANY ($5))
ORDER BY log_id, month, type
