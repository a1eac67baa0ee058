-- Keep a new key of a class of identifiers, unless another process was first, or the master key has gone out of use.
-- $1 name of the class, $2 key id, $3 wrapped key, $4 id of the master key
WITH master AS (SELECT master_id FROM master_key WHERE master_id = $4 AND retired IS NULL FOR SHARE)
INSERT INTO identifier_key (name, key_id, wrapped, wrapped_by)
SELECT $1::text, $2::text, $3::bytea, master_id FROM master
ON CONFLICT ON CONSTRAINT one_key_for_each_class DO NOTHING
