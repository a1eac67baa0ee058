"""A pool of real connections, one of which breaks on cue: before or after one step of a commit."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Literal, cast

import asyncpg
from asyncpg.transaction import Transaction
from msgspec import Struct

from ledger.database import Pool, PoolConnection
from ledger.store import statements

When = Literal["before", "after"]
STEPS = ("lock_head", "read_histories", "COPY event", "COPY tile", "move_head", "COMMIT")


class Cue(Struct):
    """Where the connection breaks, once. `met` tells whether it came to that; `wait` is what it waits for before."""

    step: str
    when: When
    met: bool = False
    wait: Callable[[], Awaitable[None]] | None = None

    async def reach(self, step: str, when: When) -> None:
        """Wait where the connection is about to break."""
        if self.wait is not None and not self.met and (self.step, self.when) == (step, when):
            await self.wait()


class BrokenOnCue(asyncpg.PostgresConnectionError):
    """What a client sees of a connection that broke after the server had done what it was asked."""


class FailingTransaction:
    """A transaction whose COMMIT is a step as others are."""

    def __init__(self, connection: "FailingConnection", inner: Transaction) -> None:
        self._connection = connection
        self._inner = inner

    async def __aenter__(self) -> None:
        await self._inner.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self._connection.reach("COMMIT", "before")
            self._connection.break_at("COMMIT", "before")
        await self._inner.__aexit__(kind, error, trace)
        if kind is None and self._connection.break_at("COMMIT", "after"):
            raise BrokenOnCue("the answer to COMMIT is lost")


class FailingConnection:
    """As much of a connection as the sequencer uses."""

    def __init__(self, inner: PoolConnection, cue: Cue) -> None:
        self._inner = inner
        self._cue = cue

    async def reach(self, step: str, when: When) -> None:
        await self._cue.reach(step, when)

    def break_at(self, step: str, when: When) -> bool:
        """Break the connection if this is the cue: what runs on it next fails as asyncpg makes it fail."""
        if self._cue.met or (self._cue.step, self._cue.when) != (step, when):
            return False
        self._cue.met = True
        self._inner.terminate()
        return True

    def transaction(self) -> FailingTransaction:
        return FailingTransaction(self, self._inner.transaction())

    async def fetchrow(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401
        return await self._run(name_of(statement), self._inner.fetchrow(statement, *arguments))

    async def fetch(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401
        return await self._run(name_of(statement), self._inner.fetch(statement, *arguments))

    async def execute(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401
        return await self._run(name_of(statement), self._inner.execute(statement, *arguments))

    async def copy_records_to_table(self, table: str, *, records: Sequence[Any], columns: Sequence[str]) -> Any:  # noqa: ANN401
        copying = self._inner.copy_records_to_table(table, records=records, columns=columns)
        return await self._run(f"COPY {table}", copying)

    async def _run(self, step: str, running: Any) -> Any:  # noqa: ANN401
        await self.reach(step, "before")
        self.break_at(step, "before")
        answer = await running
        await self.reach(step, "after")
        self.break_at(step, "after")
        return answer


class FailingPool:
    """As much of a pool as the sequencer uses. The first connection to reach the cue breaks; the others hold."""

    def __init__(self, inner: Pool, cue: Cue) -> None:
        self._inner = inner
        self._cue = cue

    @contextlib.asynccontextmanager
    async def acquire(self, timeout: float | None = None) -> AsyncGenerator[FailingConnection]:  # noqa: ASYNC109
        async with self._inner.acquire(timeout=timeout) as connection:
            failing = FailingConnection(connection, self._cue)
            yield failing
            if failing.break_at("RELEASE", "before"):
                raise BrokenOnCue("the connection broke on its way back")

    def as_pool(self) -> Pool:
        return cast("Pool", self)


def name_of(statement: str) -> str:
    return next((name for name in statements.names() if statements(name) == statement), "another statement")
