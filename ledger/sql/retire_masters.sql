-- Take every other master key out of use: it wraps nothing more. Waits for those who are wrapping by one just now.
-- $1 id of the master key that comes into use
UPDATE master_key SET retired = clock_timestamp() WHERE master_id <> $1 AND retired IS NULL
