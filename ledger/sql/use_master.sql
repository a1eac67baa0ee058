-- Put a master key into use. In one transaction with the statement that retires the others.
-- $1 id of the master key
INSERT INTO master_key (master_id) VALUES ($1) ON CONFLICT (master_id) DO NOTHING
