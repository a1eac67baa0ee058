-- Find the table that a name means now; null when there is none.
-- $1 name
SELECT to_regclass($1)::oid
