-- Read the newest key of the present origin of each of these logs.
-- $1 log_ids
SELECT DISTINCT ON (log_key.log_id) log_key.log_id, vkey
FROM log_key JOIN log USING (log_id, origin)
WHERE log_key.log_id = ANY($1::integer[])
ORDER BY log_key.log_id, log_key.created DESC, key_id
