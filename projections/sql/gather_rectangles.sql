-- Have the newest rectangles of the next keys of a view read, many at once (`scattered_rectangles`, migration 022). Returns
-- how many there are, and the last of these keys: it is told by the index alone, and is null where fewer keys are left.
-- `view_any` stands for the view's table.
-- $1 log_id, $2 subject and $3 key after which to begin, $4 keys, $5 a subject after all subjects
WITH last AS (
    SELECT subject, key FROM view_any
    WHERE log_id = $1 AND (subject, key) > ($2, $3) ORDER BY subject, key OFFSET $4 - 1 LIMIT 1
)
SELECT scattered_rectangles(
    'view_any', $1, $2, $3, coalesce((SELECT subject FROM last), $5), coalesce((SELECT key FROM last), '')
) AS found, (SELECT subject FROM last), (SELECT key FROM last)
