"""Steps that fail on cue: what is done over real connections and in a real vault, before or after it took effect.

A run in which nothing fails records its steps; the record says where the runs that follow are to fail.
"""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, TypeVar, cast

import asyncpg
from asyncpg.transaction import Transaction

from ledger.database import Database, Pool, PoolConnection, Role
from ledger.errors import VaultError
from ledger.store import statements
from ledger.vault import Vault

When = Literal["before", "after"]
READING = ("read_", "find_", "BEGIN", "RELEASE")
"""How the names of steps begin that change and lock nothing."""
T = TypeVar("T")


class Point(NamedTuple):
    """Where a run may fail: before or after a step of this name takes effect, the nth time (from 1) it is taken."""

    step: str
    nth: int
    when: When


class Cue:
    """Where a run fails, once; nowhere for None. Owns the record of the steps that it took, in order."""

    def __init__(self, point: Point | None = None) -> None:
        self.pauses: dict[Point, Callable[[], Awaitable[None]]] = {}
        """What a run waits for at a point."""
        self.aim(point)

    def aim(self, point: Point | None) -> None:
        """Begin the run: what was done to prepare it is no step of it."""
        self.point = point
        self.met = False
        self.taken: list[str] = []

    def points(self) -> list[Point]:
        """Return every point at which a run that takes the same steps may fail."""
        found: list[Point] = []
        for index, step in enumerate(self.taken):
            nth = self.taken[: index + 1].count(step)
            found += [Point(step, nth, "before"), Point(step, nth, "after")]
        return found

    def changes(self) -> list[Point]:
        """Return the points of steps that change or lock something: what only reads leaves what was there before it."""
        return [point for point in self.points() if not point.step.startswith(READING)]

    def take(self, step: str) -> tuple[Point, Point]:
        """Record a step; return the points before and after it."""
        self.taken.append(step)
        nth = self.taken.count(step)
        return Point(step, nth, "before"), Point(step, nth, "after")

    def is_now(self, point: Point) -> bool:
        """Tell whether the run fails here and now."""
        if self.met or point != self.point:
            return False
        self.met = True
        return True

    async def pause(self, point: Point) -> None:
        """Wait for what the run is to wait for at this point."""
        if point in self.pauses:
            await self.pauses.pop(point)()


class BrokenOnCue(asyncpg.PostgresConnectionError):
    """What a client sees of a connection that broke when the server had done what it was asked."""


class FailingTransaction:
    """A transaction whose beginning and end are steps as others are."""

    def __init__(self, connection: "FailingConnection", inner: Transaction) -> None:
        self._connection = connection
        self._inner = inner

    async def __aenter__(self) -> None:
        await self._connection.take("BEGIN", self._inner.__aenter__())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end = "COMMIT" if kind is None else "ROLLBACK"
        await self._connection.take(end, self._inner.__aexit__(kind, error, trace))


class FailingConnection:
    """As much of a connection as the ledger uses. Every statement is a step."""

    def __init__(self, inner: PoolConnection, cue: Cue) -> None:
        self._inner = inner
        self._cue = cue

    async def take(self, step: str, taking: Coroutine[Any, Any, T]) -> T:
        """Do one step. A connection that breaks before it fails as asyncpg makes it fail."""
        before, after = self._cue.take(step)
        await self._cue.pause(before)
        if self._cue.is_now(before):
            self._inner.terminate()
        try:
            return await taking
        finally:  # a refusal is an answer too
            await self._cue.pause(after)
            if self._cue.is_now(after):
                self._inner.terminate()
                raise BrokenOnCue(f"the answer to {step} is lost")

    def transaction(self) -> FailingTransaction:
        return FailingTransaction(self, self._inner.transaction())

    async def fetchrow(self, statement: str, *arguments: object) -> object:
        return await self.take(name_of(statement), self._inner.fetchrow(statement, *arguments))

    async def fetchval(self, statement: str, *arguments: object) -> object:
        return await self.take(name_of(statement), self._inner.fetchval(statement, *arguments))

    async def fetch(self, statement: str, *arguments: object) -> object:
        return await self.take(name_of(statement), self._inner.fetch(statement, *arguments))

    async def execute(self, statement: str, *arguments: object) -> object:
        return await self.take(name_of(statement), self._inner.execute(statement, *arguments))

    async def copy_to_table(self, table: str, **how: Any) -> object:  # noqa: ANN401 - as asyncpg takes it
        return await self.take(f"COPY {table}", self._inner.copy_to_table(table, **how))

    async def copy_records_to_table(self, table: str, *, records: Sequence[Any], columns: Sequence[str]) -> object:
        copying = self._inner.copy_records_to_table(table, records=records, columns=columns)
        return await self.take(f"COPY {table}", copying)


class FailingPool:
    """As much of a pool as the ledger uses. The connection that reaches the cue breaks; the others hold."""

    def __init__(self, inner: Pool, cue: Cue) -> None:
        self._inner = inner
        self._cue = cue

    @contextlib.asynccontextmanager
    async def acquire(self, timeout: float | None = None) -> AsyncGenerator[FailingConnection]:  # noqa: ASYNC109
        async with self._inner.acquire(timeout=timeout) as connection:
            failing = FailingConnection(connection, self._cue)
            yield failing
            await failing.take("RELEASE", nothing())

    async def fetchrow(self, statement: str, *arguments: object) -> object:
        async with self.acquire() as connection:
            return await connection.fetchrow(statement, *arguments)

    async def fetchval(self, statement: str, *arguments: object) -> object:
        async with self.acquire() as connection:
            return await connection.fetchval(statement, *arguments)

    async def fetch(self, statement: str, *arguments: object) -> object:
        async with self.acquire() as connection:
            return await connection.fetch(statement, *arguments)

    def as_pool(self) -> Pool:
        return cast("Pool", self)


class FailingDatabase:
    """As much of a database as the signer uses: pools whose connections fail on cue."""

    def __init__(self, inner: Database, cue: Cue) -> None:
        self.name = inner.name
        self.settings = inner.settings
        self._inner = inner
        self._cue = cue

    def pool(self, role: Role) -> Pool:
        return FailingPool(self._inner.pool(role), self._cue).as_pool()

    def as_database(self) -> Database:
        return cast("Database", self)


class FailingVault(Vault):
    """A vault. Every write to it is a step, which has been done when it fails, or has not."""

    def __init__(self, folder: Path, cue: Cue) -> None:
        super().__init__(folder)
        self._cue = cue

    def write(self, name: str, content: bytes) -> None:
        self._take(f"WRITE {folder_of(name)}", lambda: super(FailingVault, self).write(name, content))

    def append(self, name: str, line: bytes) -> None:
        self._take(f"APPEND {folder_of(name)}", lambda: super(FailingVault, self).append(name, line))

    def remove(self, name: str) -> None:
        self._take(f"REMOVE {folder_of(name)}", lambda: super(FailingVault, self).remove(name))

    def _take(self, step: str, do: Callable[[], None]) -> None:
        before, after = self._cue.take(step)
        if self._cue.is_now(before):
            raise VaultError("the disk is full")
        do()
        if self._cue.is_now(after):
            raise VaultError("the power is gone")


async def nothing() -> None:
    """Do nothing: where giving a connection back is a step."""


def folder_of(name: str) -> str:
    """Return in which folder of the vault a file is."""
    return name.rpartition("/")[0]


def name_of(statement: str) -> str:
    """Return the name of a statement of the ledger's."""
    return names()[statement]


@cache
def names() -> Mapping[str, str]:
    """Return the names of the ledger's statements, by their text."""
    return {statements(name): name for name in statements.names()}
