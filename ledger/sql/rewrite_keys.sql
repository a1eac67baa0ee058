-- Write the key table anew, without what was updated or deleted in it.
VACUUM FULL subject_key
