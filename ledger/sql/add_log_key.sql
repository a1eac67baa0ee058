-- Add a key of a log's origin, unless it is there.
-- $1 log_id, $2 origin, $3 key id, $4 vkey
INSERT INTO log_key (log_id, origin, key_id, vkey) VALUES ($1, $2, $3, $4) ON CONFLICT (log_id, origin, key_id) DO NOTHING
