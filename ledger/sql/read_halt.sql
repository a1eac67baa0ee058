-- Read why a log is halted, and whether that lasts though it agrees with its mark; nothing where it is not halted.
-- $1 log_id
SELECT reason, lasting FROM log_halt WHERE log_id = $1
