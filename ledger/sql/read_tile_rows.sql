-- Read stored tiles of one level with their roots, in order of index.
-- $1 log_id, $2 level, $3 first index, $4 end
SELECT index, hashes, root FROM tile WHERE log_id = $1 AND level = $2 AND index >= $3 AND index < $4 ORDER BY index
