-- Read where streams have come to.
-- $1 log_id, $2 subjects
SELECT subject, version, moment, state FROM point WHERE log_id = $1 AND subject = ANY($2::text[])
