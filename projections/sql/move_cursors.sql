-- Move the locked cursors of a log.
-- $1 log_id, $2 views, $3 position
UPDATE cursor SET position = $3 WHERE log_id = $1 AND view = ANY($2::text[])
