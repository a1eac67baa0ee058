-- Put rectangles in the place of the newest of their keys, and those into the history, with their ends. Each is looked up
-- by itself, since a plan is made while a table is small and kept while it grows. `view_any` stands for the view's table,
-- `view_columns` for its own columns, and `replacing_columns` and `replaced_columns` for the same of what replaces and of
-- what is replaced.
-- $1 log_id
WITH kept AS (
    INSERT INTO view_any_history (
        log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, known_from, known_to, view_columns
    )
    SELECT replaced.log_id, replaced.subject, replaced.key, replaced.certainty, replaced.valid_from,
        coalesce(replacing.ended, replaced.valid_to), coalesce(replacing.ended_known, replaced.valid_to_known),
        replaced.known_from, replaced.known_to, replaced_columns
    FROM view_any_replacing AS replacing
    CROSS JOIN LATERAL (
        SELECT * FROM view_any AS there
        WHERE there.log_id = $1 AND there.subject = replacing.subject AND there.key = replacing.key
        OFFSET 0
    ) AS replaced
)
UPDATE view_any AS newest SET (certainty, valid_from, valid_to, valid_to_known, known_from, known_to, view_columns) =
    ROW (replacing.certainty, replacing.valid_from, replacing.valid_to, replacing.valid_to_known, replacing.known_from,
        replacing.known_to, replacing_columns)
FROM (
    SELECT later.*, (
        SELECT there.ctid FROM view_any AS there
        WHERE there.log_id = $1 AND there.subject = later.subject AND there.key = later.key
    ) AS place
    FROM view_any_replacing AS later
    OFFSET 0
) AS replacing
WHERE newest.ctid = replacing.place
