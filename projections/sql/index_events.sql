-- Take events of a log into the search: whoever runs this has locked the log's cursor.
-- $1 log_id, $2 first position, $3 end of the positions
INSERT INTO event_search (log_id, position, type, time, words)
SELECT log_id, position, type, time_of(entry), words_of(entry)
FROM event WHERE log_id = $1 AND position >= $2 AND position < $3
