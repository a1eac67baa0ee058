"""The `eventsourcing` library's own PostgreSQL recorder, in process, in a database beside the ledger's on its server.

Its settings are those with which it was fastest: the C implementation of psycopg, over the server's socket.
"""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

from ledger.server.embedded import EmbeddedServer
from tests.benchmarks.peers import Recorded, deal
from tests.benchmarks.peers.threads import store_in_threads
from tests.benchmarks.server import NotAsStored

DATABASE = "eventsourcing"
# Its stored function is the faster of its two ways, and the only one that takes a thousand events: with psycopg 3.3,
# the other waits for ever inside the pipeline that it sends them by.
SETTINGS = {"POSTGRES_ENABLE_DB_FUNCTIONS": "y", "POSTGRES_MAX_OVERFLOW": "0"}


class Recorder:
    """The library's recorder of an application, over an empty table. Made by `running_recorder`."""

    def __init__(self, recorder: ApplicationRecorder, server: EmbeddedServer, threads: int) -> None:
        """Take the recorder, its server, and how many threads use it at once."""
        self._recorder = recorder
        self._server = server
        self._threads = threads
        self._events = 0
        self._bytes = 0

    async def store(self, events: Sequence[Recorded], step: int) -> float:
        """Store the events, `step` in each transaction; return how many a second. Raises NotAsStored."""
        lanes = deal([_stored_event(event) for event in events], step, self._threads)
        seconds = await store_in_threads(self._recorder.insert_events, lanes)
        self._events += len(events)
        self._bytes += sum(len(event.entry) for event in events)
        await self._check()
        return len(events) / seconds

    async def _check(self) -> None:
        connection = await self._server.connect(DATABASE)
        try:
            stored = await connection.fetchrow("SELECT count(*), sum(length(state)) FROM stored_events")
        finally:
            await connection.close()
        if stored is None or tuple(stored) != (self._events, self._bytes):
            raise NotAsStored(f"eventsourcing answered {self._events} events, and holds {stored}")


@contextlib.asynccontextmanager
async def running_recorder(server: EmbeddedServer, threads: int) -> AsyncGenerator[Recorder]:
    """Yield a recorder with a connection for each thread, in a new database, which is dropped afterwards."""
    address = server.connect_arguments(DATABASE)
    settings = {
        **SETTINGS,
        "POSTGRES_DBNAME": DATABASE,
        "POSTGRES_HOST": address.get("host", ""),
        "POSTGRES_PORT": str(address.get("port")),
        "POSTGRES_USER": address.get("user", ""),
        "POSTGRES_PASSWORD": "",  # the server knows its user from the kernel
        "POSTGRES_POOL_SIZE": str(threads),
    }
    connection = await server.connect()
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
        with PostgresFactory(Environment(env=settings)) as factory:
            yield Recorder(factory.application_recorder(), server, threads)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await connection.close()


def _stored_event(event: Recorded) -> StoredEvent:
    """Return the library's own form of an event."""
    return StoredEvent(
        originator_id=uuid5(NAMESPACE_URL, event.subject),
        originator_version=event.version,
        topic=event.type,
        state=event.entry,
    )
