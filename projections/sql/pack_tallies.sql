-- Pack the tallies of a whole stretch of a log: of each view, certainty and labels one row.
-- $1 log_id, $2 the stretch's first position, $3 its end
WITH taken AS (
    DELETE FROM tally WHERE log_id = $1 AND first_position >= $2 AND last_position < $3
    RETURNING log_id, view, certainty, labels, instants, positions, signs
)
INSERT INTO tally
SELECT log_id, view, certainty, labels, min(instant), max(instant), min(position), max(position), sum(sign),
    array_agg(instant), array_agg(position), array_agg(sign)
FROM taken CROSS JOIN LATERAL unnest(instants, positions, signs) AS corner (instant, position, sign)
GROUP BY log_id, view, certainty, labels
