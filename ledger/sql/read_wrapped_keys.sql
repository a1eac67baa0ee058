-- Read a page of a log's keys that another master key wraps, in order of data subject.
-- $1 log_id, $2 the data subject after which it begins, $3 id of the master key, $4 limit
SELECT subject, key_id, wrapped, wrapped_by FROM subject_key
WHERE log_id = $1 AND subject > $2 AND wrapped IS NOT NULL AND wrapped_by <> $3
ORDER BY subject LIMIT $4
