-- Show a checkpoint that may have been withheld.
-- $1 log_id, $2 origin, $3 size
DELETE FROM withheld WHERE log_id = $1 AND origin = $2 AND size = $3
