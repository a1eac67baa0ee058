-- All rectangles, each looked at by itself: for a question that an index on something else narrows down, or that is
-- about the whole view. `view_any` stands for the view's table.
(SELECT * FROM view_any UNION ALL SELECT * FROM view_any_history) AS place
CROSS JOIN LATERAL (SELECT place.* WHERE answers(place)) AS item
