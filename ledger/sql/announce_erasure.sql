-- Announce that a data subject is being erased, and forget announcements that count no more: who made them has died.
-- $1 attempt, $2 data subject, $3 seconds for which an announcement counts
WITH forgotten AS (
    DELETE FROM erasure_under_way WHERE since <= clock_timestamp() - make_interval(secs => $3::integer)
)
INSERT INTO erasure_under_way (attempt, subject) VALUES ($1, $2)
