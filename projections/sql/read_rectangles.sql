-- Read all rectangles of some streams, and whether each stands as the newest of its key. `view_any` stands for the view's
-- table.
-- $1 log_id, $2 subjects
SELECT * FROM (
    SELECT true AS stands_as_newest, newest.* FROM view_any AS newest
    UNION ALL
    SELECT false AS stands_as_newest, earlier.* FROM view_any_history AS earlier
) AS rectangle
WHERE log_id = $1 AND subject = ANY($2::text[])
ORDER BY subject, key, valid_from, known_from, certainty
