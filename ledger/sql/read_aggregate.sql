-- Read the events of one aggregate in order of its versions: its ids sort as they do. Only an aggregate whose name goes
-- on with such a version may lie between: the subject tells.
-- $1 log_id, $2 id to begin after, $3 id to end before, $4 limit
SELECT id, subject, entry FROM event
WHERE log_id = $1 AND id > $2 AND id < $3 AND type = 'ApplicationEventStored'
ORDER BY id LIMIT $4
