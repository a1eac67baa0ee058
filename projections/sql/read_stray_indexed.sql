-- Read at which positions the search holds what it has not taken in: it would not take it in then.
-- $1 log_id, $2 the search's name, $3 limit
SELECT position FROM event_search
WHERE log_id = $1 AND position >= coalesce((SELECT position FROM cursor WHERE view = $2 AND log_id = $1), 0)
ORDER BY position LIMIT $3
