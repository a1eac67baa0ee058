-- What has been applied to this database. Run at every start, before anything is known about the database.
CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    applied timestamptz NOT NULL DEFAULT clock_timestamp()
);
