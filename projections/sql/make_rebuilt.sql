-- Make an empty table of a view's shape, to be filled before it gets its indexes. `view_fresh` stands for the new table,
-- `view_any` for the live one, whose fill factor (migration 017) is not copied with the rest.
CREATE TABLE view_fresh (LIKE view_any INCLUDING ALL EXCLUDING INDEXES) WITH (fillfactor = 90)
