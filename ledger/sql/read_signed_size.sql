-- Read the greatest size that is signed of a log's present origin; NULL where nothing is.
-- $1 log_id
SELECT max(size) FROM checkpoint JOIN log USING (log_id, origin) WHERE log_id = $1
