-- Read the tallies of some views of a log, as far as they begin below a position.
-- $1 log_id, $2 the views' tables, $3 position
SELECT view, certainty, labels, instants, positions, signs FROM tally
WHERE log_id = $1 AND view = ANY($2::text[]) AND first_position < $3
