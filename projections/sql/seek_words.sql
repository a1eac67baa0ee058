-- Seek events of a log by words, and whatever else is asked: all that fit are looked up, then put in order. The planner
-- does not know the words here, and takes them to find one event in two hundred: where a type, a time or a subject finds
-- fewer, it takes that, or both. The positions alone find no fewer, and are bounds of an index only beside a type.
-- As it stands it goes forwards; `statement_of` turns its order round.
-- $1 log_id, $2 first position, $3 end of the positions, $4 limit; $5 types, $6 subjects, $7 subject prefix,
-- $8 time from, $9 time to (null: any), $10 words, the first eight of which are looked up.
WITH fitting AS MATERIALIZED (
    SELECT search.position
    FROM event_search AS search JOIN event USING (log_id, position)
    WHERE search.log_id = $1 AND search.position + 0 >= $2 AND search.position + 0 < $3
        AND ($5::text[] IS NULL OR search.type = ANY($5::text[]) AND search.position >= $2 AND search.position < $3)
        AND ($6::text[] IS NULL OR event.subject = ANY($6::text[]))
        AND ($7::text IS NULL OR starts_with(event.subject, $7::text))
        AND ($8::timestamptz IS NULL OR search.time >= $8)
        AND ($9::timestamptz IS NULL OR search.time <= $9)
        AND placed(search.words, place_of(search.log_id, stretch_of(search.position)))
            @@ (SELECT words_asked_at(($10::text[])[:8], $1, $2, $3))
        AND search.words @@ words_asked($10::text[])
)
SELECT event.position, event.entry
FROM (SELECT position FROM fitting ORDER BY position ASC LIMIT $4) AS first
JOIN event ON event.log_id = $1 AND event.position = first.position
ORDER BY event.position ASC
