-- Note that a migration was applied. $1 number, $2 name, $3 SHA-256 of its file.
INSERT INTO migration (number, name, sha256) VALUES ($1, $2, $3)
