-- Tally what a rebuilt view holds of a log, packed; what takes each other back is left out. `view_any` stands for the
-- view's new table, `view_labels` for its tallied columns as texts. They are grouped as one text: compared at once.
-- $1 log_id, $2 the new table, $3 how many positions are packed in one row
WITH corner AS (
    SELECT rectangle.certainty, ARRAY[view_labels]::text AS labels, corner.instant, corner.position,
        sum(corner.sign)::smallint AS sign
    FROM (SELECT * FROM view_any UNION ALL SELECT * FROM view_any_history) AS rectangle CROSS JOIN LATERAL (VALUES
        (valid_from, known_from, 1),
        (valid_to, valid_to_known, -1),
        (valid_from, known_to, -1),
        (valid_to, known_to, 1)
    ) AS corner (instant, position, sign)
    WHERE log_id = $1 AND corner.instant < 'infinity' AND corner.position < 9223372036854775807
    GROUP BY 1, 2, 3, 4
    HAVING sum(corner.sign) <> 0
)
INSERT INTO tally (
    log_id, view, certainty, labels, first_instant, last_instant, first_position, last_position, total,
    instants, positions, signs
)
SELECT $1, $2, certainty, labels::text[], min(instant), max(instant), min(position), max(position), sum(sign),
    array_agg(instant), array_agg(position), array_agg(sign)
FROM corner GROUP BY certainty, labels, position / $3
