-- Read the events of these types on a data subject, and on the streams of the ledger itself.
-- $1 log ids, $2 subject, $3 types
SELECT log_id, subject, entry FROM event
WHERE log_id = ANY($1::integer[])
    AND (subject = $2 OR (subject >= 'ledger:' AND subject < 'ledger;'))
    AND type = ANY($3::text[])
ORDER BY log_id, position
