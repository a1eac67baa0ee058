"""A desk whose ledger holds the demonstration: its story, on which every example in the documentation is true."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from api.story import read_seeds, read_story, tell
from ledger.scopes import Grant
from ledger.server.embedded import EmbeddedServer
from ledger.store import read_heads
from ledger.tokens import create_token
from tests.api.desk import Desk, open_desk
from tests.conftest import copied_database

PLATFORM = "lazada-id"
"""The platform whose writer the examples are sent by."""


@asynccontextmanager
async def demonstrated_desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk over a ledger to which the demonstration was told; with tokens of several roles.

    `platform` is that platform's writer, `regulator` Indonesia's, `partner` KCA, to which a dispute was referred.
    """
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as desk:
        await tell(desk.service, read_story())
        await tell(desk.service, read_seeds())
        for head in await read_heads(database.pool("reader")):
            if head.size:
                await desk.service.covering(head.log, head.size)
        keeper = database.pool("keeper")
        regulator = Grant(role="REGULATOR", jurisdictions=("ID",))
        partner = Grant(role="PARTNER_AGENCY", party="party:kca")
        desk.tokens = {
            **desk.tokens,
            "platform": await create_token(keeper, "PLATFORM_WRITER", [PLATFORM], None),
            "regulator": await create_token(keeper, "REGULATOR", [], None, regulator),
            "partner": await create_token(keeper, "PARTNER_AGENCY", ["bpkn"], None, partner),
        }
        yield desk
