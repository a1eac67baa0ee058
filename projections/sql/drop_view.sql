-- Drop the live table of a view. `view_any` stands for it.
DROP TABLE view_any
