-- Hold tables to write to them: while they are swapped, a projector waits here, where it has not read them yet.
-- `view_any` stands for the tables.
LOCK TABLE view_any IN ROW EXCLUSIVE MODE
