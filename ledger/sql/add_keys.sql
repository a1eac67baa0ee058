-- Keep new keys of data subjects in a log, unless another process was first, or the master key has gone out of use
-- meanwhile: the lock on its row waits for whoever retires it, and is waited for. The commit does not wait for the disk:
-- that of the first event with a ciphertext does, and takes all of the write-ahead log before it there.
-- $1 log_id, $2 data subjects, $3 key ids, $4 wrapped keys, $5 id of the master key
WITH master AS (
    SELECT master_id, set_config('synchronous_commit', 'off', true)
    FROM master_key WHERE master_id = $5 AND retired IS NULL FOR SHARE
)
INSERT INTO subject_key (log_id, subject, key_id, wrapped, wrapped_by)
SELECT $1::integer, new.subject, new.key_id, new.wrapped, master_id
FROM unnest($2::text[], $3::text[], $4::bytea[]) AS new (subject, key_id, wrapped), master
ORDER BY new.subject
ON CONFLICT ON CONSTRAINT one_key_for_each_subject DO NOTHING
