-- Of each key its newest rectangle, or the one of its history that answers where the newest does not. A page reads so
-- many keys, however long their histories are. `view_any` stands for the view's table.
view_any AS place
CROSS JOIN LATERAL (
    SELECT place.* WHERE answers(place)
    UNION ALL
    (
        SELECT earlier.* FROM view_any_history AS earlier
        WHERE earlier.log_id = at.log_id AND earlier.subject = place.subject AND earlier.key = place.key AND answers(earlier)
        ORDER BY earlier.valid_from DESC, earlier.known_from DESC
        LIMIT 1
    )
    LIMIT 1
) AS item
