-- Read the statements that make the indexes of tables for others, whose columns are the same; a key's as a key.
-- $1 the tables, $2 the others in the same order, $3 whether their keys alone, or all other indexes
SELECT coalesce(
    'ALTER TABLE ' || quote_ident(made.fresh) || ' ADD ' || pg_get_constraintdef(pg_constraint.oid),
    regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \S+ ON \S+', 'INDEX ON ' || quote_ident(made.fresh))
)
FROM unnest($1::text[], $2::text[]) AS made (live, fresh)
JOIN pg_index ON indrelid = to_regclass(made.live) LEFT JOIN pg_constraint ON conindid = indexrelid
WHERE indisprimary = $3
ORDER BY indexrelid
