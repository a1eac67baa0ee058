-- Give a log another origin: what was signed under the old one is no longer its.
-- $1 log_id, $2 origin
UPDATE log SET origin = $2 WHERE log_id = $1
