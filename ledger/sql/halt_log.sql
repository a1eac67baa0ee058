-- Halt a log, unless it is halted.
-- $1 log_id, $2 reason, $3 whether it lasts though the log agrees with its mark
INSERT INTO log_halt (log_id, reason, lasting) VALUES ($1, $2, $3) ON CONFLICT (log_id) DO NOTHING
