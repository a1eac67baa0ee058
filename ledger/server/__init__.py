"""The embedded PostgreSQL: its binaries, its data folder, its start and end."""
