-- Let commits wait until they are on the disk, as the server is set to, or not at all: then a crash may take back the
-- last of them, and whoever waits for a later one has waited for them too.
-- $1 whether they wait
SELECT set_config(name, CASE WHEN $1 THEN reset_val ELSE 'off' END, false)
FROM pg_settings WHERE name = 'synchronous_commit'
