-- Tally what a rebuilt view holds of a log, packed; what takes each other back is left out. `view_any` stands for the
-- view's new table, `view_labels` for its tallied columns as texts. They are grouped as one text, which is made once for
-- each rectangle and compared at once. Of a rectangle's corners, most are not there: those of an end that has not come,
-- and of what is still known.
-- $1 log_id, $2 the new table, $3 how many positions are packed in one row
WITH corner AS (
    SELECT certainty, labels,
        CASE WHEN is_end THEN valid_to ELSE valid_from END AS instant,
        CASE WHEN is_undone THEN known_to WHEN is_end THEN valid_to_known ELSE known_from END AS position,
        sum(CASE WHEN is_end = is_undone THEN 1 ELSE -1 END)::smallint AS sign
    FROM (
        SELECT *, ARRAY[view_labels]::text AS labels FROM view_any
        UNION ALL
        SELECT *, ARRAY[view_labels]::text AS labels FROM view_any_history
    ) AS rectangle
    CROSS JOIN (VALUES (false, false), (true, false), (false, true), (true, true)) AS corner (is_end, is_undone)
    WHERE log_id = $1
        AND (NOT is_end OR valid_to < 'infinity') AND (NOT is_undone OR known_to < 9223372036854775807)
    GROUP BY 1, 2, 3, 4
)
INSERT INTO tally (
    log_id, view, certainty, labels, first_instant, last_instant, first_position, last_position, total,
    instants, positions, signs
)
SELECT $1, $2, certainty, labels::text[], min(instant), max(instant), min(position), max(position), sum(sign),
    array_agg(instant), array_agg(position), array_agg(sign)
FROM corner WHERE sign <> 0 GROUP BY certainty, labels, position / $3
