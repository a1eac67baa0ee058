-- Find the data subjects whose erasure is announced.
-- $1 seconds for which an announcement counts
SELECT subject FROM erasure_under_way WHERE since > clock_timestamp() - make_interval(secs => $1::integer)
