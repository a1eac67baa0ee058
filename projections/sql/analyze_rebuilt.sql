-- Let the planner know what a rebuilt table holds before it is asked: the database's own analysis comes a minute later, and
-- until then a page of a long list would be all of it, sorted. `view_any` stands for the table.
ANALYZE view_any
