-- Read all rectangles of some streams. `view_any` stands for the view's table.
-- $1 log_id, $2 subjects
SELECT * FROM view_any WHERE log_id = $1 AND subject = ANY($2::text[])
ORDER BY subject, key, valid_from, known_from, certainty
