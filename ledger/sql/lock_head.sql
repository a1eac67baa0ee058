-- Lock the head of a log and read it: the fence and the order of an append. The clock is read after the lock is held.
-- $1 log_id
WITH head AS MATERIALIZED (
    SELECT size, frontier, recordedtime FROM log_head WHERE log_id = $1 FOR UPDATE
)
SELECT size, frontier, recordedtime, clock_timestamp() AS now,
       (SELECT reason FROM log_halt WHERE log_id = $1) AS halted
FROM head
