-- Make an empty table of a view's shape. `view_fresh` stands for the new table, `view_any` for the live one.
CREATE TABLE view_fresh (LIKE view_any INCLUDING ALL)
