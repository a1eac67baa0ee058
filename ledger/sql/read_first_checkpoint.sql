-- Read size and root of the first checkpoint of one origin of a log above one size and up to another.
-- $1 log_id, $2 origin, $3 size, $4 size
SELECT size, root FROM checkpoint WHERE log_id = $1 AND origin = $2 AND size > $3 AND size <= $4 ORDER BY size LIMIT 1
