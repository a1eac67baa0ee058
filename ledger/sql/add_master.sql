-- Take a master key into use, unless another one is.
-- $1 id of the master key
INSERT INTO master_key (master_id) VALUES ($1) ON CONFLICT DO NOTHING
