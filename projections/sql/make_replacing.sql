-- Make the temporary table of what is to replace newest rectangles, each with the end of the one that it replaces; it is
-- empty again after the transaction. `view_any` stands for the view's table.
CREATE TEMPORARY TABLE IF NOT EXISTS view_any_replacing (LIKE view_any, ended timestamptz, ended_known bigint)
ON COMMIT DELETE ROWS
