"""A desk for each test; and one for a whole file of tests whose events do not touch each other's streams."""

from collections.abc import AsyncGenerator

import pytest

from ledger.database import Database
from ledger.server.embedded import EmbeddedServer
from tests.api.desk import Desk, open_desk
from tests.conftest import copied_database


@pytest.fixture
async def desk(database: Database) -> AsyncGenerator[Desk]:
    """Yield a desk over a ledger of its own."""
    async with open_desk(database) as opened:
        yield opened


@pytest.fixture
async def clocked_desk(clocked_database: Database) -> AsyncGenerator[Desk]:
    """Yield the same on a ledger with a test clock."""
    async with open_desk(clocked_database) as opened:
        yield opened


@pytest.fixture(scope="module")
async def shared_desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk that the tests of one file share; each must leave it as it found it, or not mind the others."""
    async with copied_database(server, template, test_clock=False) as database, open_desk(database) as opened:
        yield opened
