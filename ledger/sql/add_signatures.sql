-- Keep signatures on a checkpoint, in the order of its note; of one signer the first is kept.
-- $1 log_id, $2 origin, $3 size, $4 names, $5 key ids, $6 values
INSERT INTO signature (log_id, origin, size, name, key_id, value)
SELECT $1, $2, $3, given.name, given.key_id, given.value
FROM unnest($4::text[], $5::bytea[], $6::bytea[]) AS given (name, key_id, value)
ON CONFLICT (log_id, origin, size, name, key_id) DO NOTHING
