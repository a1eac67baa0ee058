-- Let a halted log go on.
-- $1 log_id
DELETE FROM log_halt WHERE log_id = $1
