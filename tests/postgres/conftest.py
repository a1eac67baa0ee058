"""A world that the tests of views and replay share: three logs in which everything happens that a view reads.

`ORACLE_SEED` makes another one, and other questions; a nightly run sets it to the day.
"""

import os
from collections.abc import AsyncGenerator

import pytest

from ledger.server.embedded import EmbeddedServer
from tests.conftest import copied_database
from tests.histories import ALL_KINDS, KINDS
from tests.postgres.asking import World, told_world

LOGS = 3
EVENTS = 1_000
OFTEN = (*("listing", "seller", "seller", "seller", "dispute", "dispute"), *KINDS, *ALL_KINDS)
"""What has many types of events, or joins others, is told more of."""


@pytest.fixture(scope="session")
def oracle_seed() -> int:
    """Return what makes the world and the questions."""
    return int(os.environ.get("ORACLE_SEED", "0"))


@pytest.fixture(scope="session")
async def world(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory, oracle_seed: int
) -> AsyncGenerator[World]:
    """Yield the world. Nobody changes it."""
    seeds = range(oracle_seed * LOGS, (oracle_seed + 1) * LOGS)
    async with (
        copied_database(server, template, test_clock=True) as database,
        told_world(database, tmp_path_factory.mktemp("world"), seeds, EVENTS, OFTEN) as told,
    ):
        yield told
