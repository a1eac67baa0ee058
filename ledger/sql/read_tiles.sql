-- Read tiles: full ones as stored; partial ones from leaf hashes, or from the roots of the tiles below.
-- $1 log_id, $2 levels, $3 indices, $4 widths, $5 how wide a full tile is
SELECT wanted.level, wanted.index, wanted.width, CASE
    WHEN wanted.width = $5 THEN (
        SELECT tile.hashes FROM tile
        WHERE tile.log_id = $1 AND tile.level = wanted.level AND tile.index = wanted.index)
    WHEN wanted.level = 0 THEN (
        SELECT string_agg(event.leaf_hash, ''::bytea ORDER BY event.position) FROM event
        WHERE event.log_id = $1 AND event.position >= wanted.index * $5
            AND event.position < wanted.index * $5 + wanted.width)
    ELSE (
        SELECT string_agg(tile.root, ''::bytea ORDER BY tile.index) FROM tile
        WHERE tile.log_id = $1 AND tile.level = wanted.level - 1 AND tile.index >= wanted.index * $5
            AND tile.index < wanted.index * $5 + wanted.width)
    END AS hashes
FROM unnest($2::integer[], $3::bigint[], $4::integer[]) AS wanted (level, index, width)
