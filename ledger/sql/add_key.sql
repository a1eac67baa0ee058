-- Keep a new key of a data subject, unless another process was first.
-- $1 log_id, $2 subject, $3 key id, $4 wrapped key
INSERT INTO subject_key (log_id, subject, key_id, wrapped) VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT one_key_for_each_subject DO NOTHING
