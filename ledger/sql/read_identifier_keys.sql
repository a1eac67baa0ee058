-- Read the keys of identifiers that another master key wraps; there is one for each class.
-- $1 id of the master key
SELECT name, key_id, wrapped, wrapped_by FROM identifier_key WHERE wrapped_by <> $1 ORDER BY name
