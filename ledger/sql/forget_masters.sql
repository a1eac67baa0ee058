-- Forget master keys that are out of use and wrap nothing any more.
-- $1 ids of the master keys
DELETE FROM master_key WHERE master_id = ANY($1::text[]) AND retired IS NOT NULL
