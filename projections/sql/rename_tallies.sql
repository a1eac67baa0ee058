-- Make rebuilt views' tallies those of the live ones.
-- $1 the new tables, $2 the live ones in the same order
UPDATE tally SET view = renamed.live FROM unnest($1::text[], $2::text[]) AS renamed (fresh, live) WHERE view = renamed.fresh
