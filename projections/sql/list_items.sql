-- List what the rectangles of a view say at a moment. Each question makes its statement of this one, with what it asks and
-- nothing else (`projections.list_statements`): `list_rectangles` stands for where rectangles are looked for, `place` is
-- what tells their subject and key, and `item` the one that answers; `list_joined` and `list_hidden_by` for what hides
-- items, `list_asked` for what they are narrowed to, and `list_page` for the order and the length of a page.
-- `answers(x)` stands for whether rectangle x answers for the moment, and :names for parameters.
SELECT page.log_id, page.subject, page.key, page.item, page.hidden_by
FROM unnest(:log_ids::integer[], :sizes::bigint[]) AS at (log_id, size)
CROSS JOIN LATERAL (
    SELECT place.log_id, place.subject, place.key, item.item, list_hidden_by AS hidden_by
    FROM list_rectangles
    list_joined
    WHERE place.log_id = at.log_id
        list_asked
    list_page(place)
) AS page
list_page(page)
