-- Put the key of a class of identifiers, wrapped anew, in place of what it was.
-- $1 name of the class, $2 as it is wrapped now, $3 id of the master key
UPDATE identifier_key SET wrapped = $2, wrapped_by = $3 WHERE name = $1
