-- Count the items of a view at a moment by its tallies: of a stretch of the log that ended before the moment all
-- corners together, of others those before it.
-- `view_any` stands for the view's table. It is no parameter: a plan that was made for any view would suit the largest,
-- and read the tallies of all views to count the smallest.
-- $1 log_ids, $2 the sizes that are known of them, $3 certainty, $4 as_of;
-- $5, $6, $7, $8, $9 what each of the labels may be (null: anything); $10 the largest of the sizes, by which the planner
-- sees how much of the tallies lies before it.
SELECT coalesce(sum(CASE
    WHEN tally.last_instant <= $4 AND tally.last_position < at.size THEN tally.total
    ELSE (
        SELECT sum(corner.sign) FROM unnest(tally.instants, tally.positions, tally.signs) AS corner (instant, position, sign)
        WHERE corner.instant <= $4 AND corner.position < at.size)
    END), 0)::bigint AS count
FROM unnest($1::integer[], $2::bigint[]) AS at (log_id, size)
JOIN tally ON tally.log_id = at.log_id AND tally.view = 'view_any' AND tally.certainty IN ($3, 'BOTH')
    AND tally.first_instant <= $4 AND tally.first_position < at.size AND tally.first_position < $10
WHERE ($5::text[] IS NULL OR tally.labels[1] = ANY($5::text[]))
    AND ($6::text[] IS NULL OR tally.labels[2] = ANY($6::text[]))
    AND ($7::text[] IS NULL OR tally.labels[3] = ANY($7::text[]))
    AND ($8::text[] IS NULL OR tally.labels[4] = ANY($8::text[]))
    AND ($9::text[] IS NULL OR tally.labels[5] = ANY($9::text[]))
