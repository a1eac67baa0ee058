-- Let go of a view's tallies.
-- $1 the view's table
DELETE FROM tally WHERE view = $1
