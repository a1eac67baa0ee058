-- Put the new table in the place of the live one. `view_fresh` stands for the new, `view_any` for the live one.
ALTER TABLE view_fresh RENAME TO view_any
