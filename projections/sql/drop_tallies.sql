-- Let go of the tallies of some views.
-- $1 the views' tables
DELETE FROM tally WHERE view = ANY($1::text[])
