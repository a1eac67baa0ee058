-- Take back the announcement of an erasure, which is over.
-- $1 attempt
DELETE FROM erasure_under_way WHERE attempt = $1
