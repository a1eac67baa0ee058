-- Read a range of a log's events, packed: one row for so many positions, in their order; in it one value for each
-- column, and the tile that is stored over them. Far cheaper to read than rows, of which each value is made by itself.
-- Instants are microseconds since 2000, eight bytes each.
-- $1 log_id, $2 first position, $3 end, $4 positions in a row: the width of a tile
SELECT first, positions, versions, recordedtimes, ids, subjects, types, leaf_hashes, leaf_hashes_whole, lengths,
    entries, hashes, root
FROM generate_series($2::bigint, $3::bigint - 1, $4::integer) AS first
CROSS JOIN LATERAL (
    SELECT array_agg(position) AS positions,
        array_agg(version) AS versions,
        string_agg(timestamptz_send(recordedtime), ''::bytea) AS recordedtimes,
        string_agg(id, E'\n') AS ids,
        string_agg(subject, E'\n') AS subjects,
        string_agg(type, E'\n') AS types,
        string_agg(leaf_hash, ''::bytea) AS leaf_hashes,
        bool_and(length(leaf_hash) = 32) AS leaf_hashes_whole,
        array_agg(length(entry)) AS lengths,
        string_agg(entry, ''::bytea) AS entries
    FROM (
        SELECT position, version, recordedtime, id, subject, type, leaf_hash, entry FROM event
        WHERE log_id = $1 AND position >= first AND position < least(first + $4, $3)
        ORDER BY position
    ) AS ordered
) AS stored
LEFT JOIN tile ON tile.log_id = $1 AND tile.level = 0 AND tile.index = first / $4
ORDER BY first
