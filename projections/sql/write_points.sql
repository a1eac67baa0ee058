-- Keep where streams have come to.
-- $1 log_id, $2 subjects, $3 versions, $4 moments, $5 states
INSERT INTO point (log_id, subject, version, moment, state)
SELECT $1, * FROM unnest($2::text[], $3::integer[], $4::timestamptz[], $5::bytea[])
ON CONFLICT ON CONSTRAINT one_point_for_each_stream
DO UPDATE SET version = excluded.version, moment = excluded.moment, state = excluded.state
