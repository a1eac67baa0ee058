-- Drop what an earlier rebuild may have left. `view_any` stands for the new table.
DROP TABLE IF EXISTS view_any
