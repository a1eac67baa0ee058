"""What stands beside the ledger in its benchmarks stores what it is given, and a peer that does not is no measure."""

from collections.abc import AsyncGenerator

import pytest
import umadb

from ledger.server.embedded import EmbeddedServer
from tests.benchmarks.peers import Recorded, deal
from tests.benchmarks.peers.eventsourcing_recorder import DATABASE, Recorder, running_recorder
from tests.benchmarks.peers.umadb_server import Store, running_umadb
from tests.benchmarks.server import NotAsStored

THREADS = 2
STEP = 3


def recorded(version: int) -> list[Recorded]:
    return [
        Recorded(subject=f"listing:shop:{number}", version=version, type="ListingBlocked", entry=b"entry %d" % number)
        for number in range(10)
    ]


@pytest.fixture
async def recorder(server: EmbeddedServer) -> AsyncGenerator[Recorder]:
    async with running_recorder(server, THREADS) as running:
        yield running


@pytest.fixture
async def store() -> AsyncGenerator[Store]:
    async with running_umadb() as running:
        yield running


def test_batches_are_dealt_out_and_none_is_left_over() -> None:
    assert deal(range(10), STEP, THREADS) == [[range(3), range(6, 9)], [range(3, 6), range(9, 10)]]
    assert deal(range(2), 1, 4) == [[range(1)], [range(1, 2)], [], []]


async def test_the_recorder_stores_all_events_of_every_round(recorder: Recorder) -> None:
    for version in (1, 2):
        assert await recorder.store(recorded(version), STEP) > 0


async def test_a_recorder_that_lost_an_event_is_no_measure(recorder: Recorder, server: EmbeddedServer) -> None:
    await recorder.store(recorded(1), STEP)
    connection = await server.connect(DATABASE)
    await connection.execute("DELETE FROM stored_events WHERE notification_id = 4")
    await connection.close()
    with pytest.raises(NotAsStored, match="20 events"):
        await recorder.store(recorded(2), STEP)


async def test_umadb_stores_all_events_of_every_round(store: Store) -> None:
    for version in (1, 2):
        assert await store.store(recorded(version), STEP) > 0


async def test_a_umadb_that_holds_other_events_is_no_measure(store: Store) -> None:
    await store.store(recorded(1), STEP)
    umadb.Client(store.url).append([umadb.Event("ListingBlocked", b"another", ["listing:shop:11"])])
    with pytest.raises(NotAsStored, match="10 events"):
        await store.store(recorded(2), STEP)
