-- Make an empty table of the shape of a view's, to be filled before it gets its indexes. `view_fresh` stands for the new
-- table, `view_any` for the live one, and `view_fill` for its fill factor, which is not copied with the rest.
CREATE TABLE view_fresh (LIKE view_any INCLUDING ALL EXCLUDING INDEXES) WITH (fillfactor = view_fill)
