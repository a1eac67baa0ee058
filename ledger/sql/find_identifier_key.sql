-- Find the key of a class of identifiers.
-- $1 name of the class
SELECT key_id, wrapped, wrapped_by FROM identifier_key WHERE name = $1
