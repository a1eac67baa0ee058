"""A temporary table for what is too much to hold in memory. It has no name: the system removes it with the process."""

import sqlite3

CACHE_KIBIBYTES = 32 * 1024
"""What of the file is held in memory: a log of some hundred thousand events never touches the disk."""


def temporary_database(table: str) -> sqlite3.Connection:
    """Return a database of one table, made by the statement `table`, in a transaction that is never committed."""
    database = sqlite3.connect("", isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    database.execute(table)
    database.execute("BEGIN")
    return database
