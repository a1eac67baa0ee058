-- Read the events of one aggregate from its last version back: an index range, however long the aggregate is.
-- $1 log_id, $2 id to end behind, $3 id to begin before, $4 limit
SELECT id, subject, entry FROM event
WHERE log_id = $1 AND id > $2 AND id < $3 AND type = 'ApplicationEventStored'
ORDER BY id DESC LIMIT $4
