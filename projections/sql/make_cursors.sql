-- Begin to follow a log where nobody has: one cursor for each view.
-- $1 log_id, $2 views
INSERT INTO cursor (view, log_id, position) SELECT view, $1, 0 FROM unnest($2::text[]) AS view
ON CONFLICT ON CONSTRAINT one_cursor_for_each_view DO NOTHING
