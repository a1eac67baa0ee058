-- Find events of a log by type, time or words: on the way over a stretch that `event_search` has reached.
-- As it stands it goes forwards; `statement_of` turns its order round.
-- $1 log_id, $2 first position, $3 end of the positions, $4 limit; $5 types, $6 subjects, $7 subject prefix,
-- $8 time from, $9 time to, $10 words (null: any).
SELECT event.position, event.entry
FROM event_search AS search JOIN event USING (log_id, position)
WHERE search.log_id = $1 AND search.position >= $2 AND search.position < $3
    AND event.position >= $2 AND event.position < $3 -- whichever is read first, and when they are merged
    AND ($5::text[] IS NULL OR search.type = ANY($5::text[]))
    AND ($6::text[] IS NULL OR event.subject = ANY($6::text[]))
    AND ($7::text IS NULL OR starts_with(event.subject, $7::text))
    AND ($8::timestamptz IS NULL OR search.time >= $8)
    AND ($9::timestamptz IS NULL OR search.time <= $9)
    AND ($10::text[] IS NULL OR search.words @@ words_asked($10::text[]))
ORDER BY search.position ASC LIMIT $4
