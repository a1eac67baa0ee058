-- Let the other keys of an origin sign for a while yet, and then no more; those that already have an end keep it.
-- $1 log_id, $2 origin, $3 key id of the new key, $4 for how long
UPDATE log_key SET retired = clock_timestamp() + $4::interval
WHERE log_id = $1 AND origin = $2 AND key_id <> $3 AND retired IS NULL
