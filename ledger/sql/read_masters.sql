-- Read the ids of the master keys that may wrap a key, the one in use first.
SELECT master_id FROM master_key ORDER BY retired NULLS FIRST
