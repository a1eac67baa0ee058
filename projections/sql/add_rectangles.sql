-- Add the rectangles of keys that have none, of those that were to replace others, which are let go of. Each is looked up
-- by itself, since a plan is made while a table is small and kept while it grows. `view_any` stands for the view's table,
-- `view_columns` for its own columns.
-- $1 log_id, $2 whether there are any
WITH replacing AS (DELETE FROM view_any_replacing RETURNING *)
INSERT INTO view_any (
    log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, view_columns
)
SELECT log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, view_columns
FROM replacing
WHERE $2 AND (
    SELECT true FROM view_any AS there
    WHERE there.log_id = $1 AND there.subject = replacing.subject AND there.key = replacing.key
) IS NULL
