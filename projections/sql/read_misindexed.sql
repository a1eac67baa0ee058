-- Read at which positions the search does not say of an event what its entry gives, or says it of one that is not there.
-- $1 log_id, $2 first position, $3 end of the positions, $4 limit
SELECT position
FROM (SELECT position, type, time_of(entry) AS time, words_of(entry) AS words
    FROM event WHERE log_id = $1 AND position >= $2 AND position < $3) AS given
FULL JOIN (SELECT position, type, time, words
    FROM event_search WHERE log_id = $1 AND position >= $2 AND position < $3) AS kept USING (position)
WHERE (given.type, given.time, given.words) IS DISTINCT FROM (kept.type, kept.time, kept.words)
ORDER BY position LIMIT $4
