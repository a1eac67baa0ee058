"""Migrations: the files `migrations/NNN_*.sql`, each applied once, in order, in a transaction of its own."""

import asyncio
import hashlib
from collections.abc import Iterable
from importlib import resources

import asyncpg
import msgspec

from ledger.errors import DatabaseError, DatabaseNewer
from ledger.statements import Statements

# 000 makes the table that the others are noted in. It runs at every start, so it is written to be harmless.
FIRST = 0

# How often another ledger's migration may be met, and how long it takes to get out of the way.
MEETINGS = 5
MEETING_SECONDS = 0.1

_statements = Statements("ledger")


class Migration(msgspec.Struct, frozen=True):
    """One file. `sha256` is of its bytes: a released file never changes."""

    number: int
    name: str
    sha256: bytes
    text: str = ""


def known_migrations() -> list[Migration]:
    """Return the migrations of this release, by number, 000 among them."""
    folder = resources.files("ledger") / "migrations"
    found: list[Migration] = []
    for entry in folder.iterdir():
        number, _, name = entry.name.removesuffix(".sql").partition("_")
        if entry.name.endswith(".sql") and number.isdigit():
            content = entry.read_bytes()
            found.append(Migration(int(number), name, hashlib.sha256(content).digest(), content.decode()))
    return sorted(found, key=lambda migration: migration.number)


def pending(applied: Iterable[Migration], known: Iterable[Migration]) -> list[Migration]:
    """Return those of `known` that are still to be applied, in order. Pure.

    Raises DatabaseNewer when the database has a higher number than this release knows, and DatabaseError when it
    has one that this release does not know, or knows otherwise.
    """
    by_number = {migration.number: migration for migration in known if migration.number != FIRST}
    left = dict(by_number)
    found = {migration.number: migration for migration in applied}
    highest = max(by_number, default=FIRST)
    if max(found, default=FIRST) > highest:
        raise DatabaseNewer(max(found), highest)
    for number, migration in found.items():
        ours = left.pop(number, None)
        if ours is None or ours.sha256 != migration.sha256:
            raise DatabaseError(
                f"the database has migration {number:03} ({migration.name}) as this release does not know it: "
                "run the release that migrated it"
            )
    return [left[number] for number in sorted(left)]


async def migrate(connection: "asyncpg.Connection[asyncpg.Record]", known: list[Migration] | None = None) -> None:
    """Apply what is pending; `known` is by default what this release carries.

    Any number of processes may do it at once: each waits for the other's migration and finds it applied. The
    connection's lock_timeout bounds the wait. Raises what `pending` raises, and DatabaseError when a migration fails.
    """
    known = known_migrations() if known is None else known
    try:
        await _make_table(connection, known)
        while True:
            if not pending(await _applied(connection), known):
                return
            await _apply_in_spite_of_others(connection, known)
    except asyncpg.InsufficientPrivilegeError as error:
        raise DatabaseError(
            f"the database's user may not do what a migration needs: {_line(error)}; it must own the database, and be "
            "able to create the roles jejak_* or be a member of them"
        ) from error
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"a migration failed, and nothing of it was kept: {_line(error)}") from error


def _line(error: Exception) -> str:
    """Return the error on one line: asyncpg puts details and hints on others."""
    return " ".join(str(error).split())


async def _make_table(connection: "asyncpg.Connection[asyncpg.Record]", known: list[Migration]) -> None:
    first = next(migration for migration in known if migration.number == FIRST)
    try:
        await connection.execute(first.text)
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError, asyncpg.DuplicateTableError):
        # IF NOT EXISTS does not see a table that is being made: whoever made it at this moment has committed it now.
        await connection.execute(first.text)


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Migration]:
    rows = await connection.fetch(_statements("select_migrations"))
    return [Migration(row["number"], row["name"], row["sha256"]) for row in rows]


async def _apply_in_spite_of_others(connection: "asyncpg.Connection[asyncpg.Record]", known: list[Migration]) -> None:
    """Apply the next one, and try again when it met another ledger's migration at the roles, which the server shares.

    For a moment such a meeting looks like a missing privilege, or says "tuple concurrently updated".
    """
    for _ in range(MEETINGS):
        try:
            return await _apply_next(connection, known)
        except (asyncpg.InsufficientPrivilegeError, asyncpg.InternalServerError):
            await asyncio.sleep(MEETING_SECONDS)
    return await _apply_next(connection, known)


async def _apply_next(connection: "asyncpg.Connection[asyncpg.Record]", known: list[Migration]) -> None:
    """Apply the first one that is pending once the lock is ours: another process may have applied what we saw."""
    async with connection.transaction():
        # Against other migrations, and against nobody who only reads the table.
        await connection.execute("LOCK TABLE migration IN SHARE ROW EXCLUSIVE MODE")
        for migration in pending(await _applied(connection), known)[:1]:
            await connection.execute(migration.text)
            await connection.execute(
                _statements("insert_migration"), migration.number, migration.name, migration.sha256
            )
