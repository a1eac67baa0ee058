-- Make a rebuilt view's tallies those of the live one.
-- $1 the new table, $2 the live one
UPDATE tally SET view = $2 WHERE view = $1
