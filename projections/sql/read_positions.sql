-- Read how far each of these views has followed a log.
-- $1 log_id, $2 views
SELECT view, position FROM cursor WHERE log_id = $1 AND view = ANY($2::text[])
