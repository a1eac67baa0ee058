"""What `replay` and `rebuild` are set beside reads every row, and their results are judged by the views."""

from pathlib import Path

import pytest

from ledger.database import Database
from ledger.feed import Feed
from ledger.store import read_heads
from projections.moment import TimeParameters, resolve
from projections.runner import Runner
from projections.views import VIEWS
from tests.benchmarks.reading import read_rows, read_rows_by_subject
from tests.benchmarks.replay import fold, hash_of_views
from tests.benchmarks.server import NotAsStored, Product
from tests.benchmarks.workload import LOG, Lane
from tests.histories import AUTHOR, INTAKE, make_appender, make_log

EVENTS = 300


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> Product:
    """Return a ledger that the views have followed; nobody serves it."""
    log = await make_log(database, LOG)
    appender = make_appender(database, tmp_path)
    await appender.append(log, AUTHOR, INTAKE.read_lines(b"\n".join(Lane(1).take(EVENTS))))
    await appender.close()
    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    return Product(port=0, process=0, database=database, log=log, token="")


async def test_a_replay_has_the_hash_of_the_states_that_the_views_have(product: Product) -> None:
    reader = product.database.pool("reader")
    moment = await resolve(reader, TimeParameters(), await read_heads(reader))
    replayed = await fold(product, moment)
    assert (replayed.events, replayed.sha256) == (EVENTS, await hash_of_views(product))
    async with product.database.owner() as connection:
        await connection.execute("UPDATE view_seller SET item = item || ' '")
    assert replayed.sha256 != await hash_of_views(product)


async def test_fewer_rows_than_the_log_has_are_no_measure(product: Product) -> None:
    async with product.database.owner() as connection:
        for read in (read_rows, read_rows_by_subject):
            assert (await read(connection, product.log, EVENTS)).rows == EVENTS
            with pytest.raises(NotAsStored, match="300 rows of 301"):
                await read(connection, product.log, EVENTS + 1)
