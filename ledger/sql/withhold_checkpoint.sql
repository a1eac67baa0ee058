-- Withhold a checkpoint that was signed, until enough witnesses have cosigned it.
-- $1 log_id, $2 origin, $3 size
INSERT INTO withheld (log_id, origin, size) VALUES ($1, $2, $3)
