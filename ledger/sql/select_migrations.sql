-- Every migration that was applied, by number.
SELECT number, name, sha256 FROM migration ORDER BY number
