-- Read the statements that make the indexes of a table for another one, whose columns are the same; a key's as a key.
-- $1 the table, $2 the other one, $3 whether its key alone, or all others
SELECT coalesce(
    'ALTER TABLE ' || quote_ident($2) || ' ADD ' || pg_get_constraintdef(pg_constraint.oid),
    regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \S+ ON \S+', 'INDEX ON ' || quote_ident($2))
)
FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
WHERE indrelid = to_regclass($1) AND indisprimary = $3
ORDER BY indexrelid
