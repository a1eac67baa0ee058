-- Seek events of a log by type or time: all that fit are looked up by an index, then put in order. It is for what is
-- too rare to be met on the way.
-- As it stands it goes forwards; `statement_of` turns its order round.
-- $1 log_id, $2 first position, $3 end of the positions, $4 limit; $5 types, $6 subjects, $7 subject prefix,
-- $8 time from, $9 time to (null: any), $10 no words: `seek_words` is for those.
WITH fitting AS MATERIALIZED (
    SELECT search.position
    FROM event_search AS search JOIN event USING (log_id, position)
    WHERE search.log_id = $1 AND search.position >= $2 AND search.position < $3
        AND ($5::text[] IS NULL OR search.type = ANY($5::text[]))
        AND ($6::text[] IS NULL OR event.subject = ANY($6::text[]))
        AND ($7::text IS NULL OR starts_with(event.subject, $7::text))
        AND ($8::timestamptz IS NULL OR search.time >= $8)
        AND ($9::timestamptz IS NULL OR search.time <= $9)
        AND $10::text[] IS NULL
)
SELECT event.position, event.entry
FROM (SELECT position FROM fitting ORDER BY position ASC LIMIT $4) AS first
JOIN event ON event.log_id = $1 AND event.position = first.position
ORDER BY event.position ASC
