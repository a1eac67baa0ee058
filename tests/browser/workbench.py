"""The workbench over the demonstration's story, as `jejak demo` serves it: views, signatures and jobs keep up."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from msgspec import Struct

from api.demo import HOST, answering
from api.jobs_worker import working
from api.service import Service, service_over
from api.story import read_seeds, read_story, tell
from ledger.rights import Role
from ledger.server.embedded import EmbeddedServer
from ledger.store import read_heads
from ledger.tokens import create_token, revoke_token
from tests.conftest import copied_database

ANSWER_SECONDS = 30
REPLAY = {"logs": ["lazada-id"], "as_of": "2021-09-01", "known_at": "2021-09-02", "tz": "Asia/Jakarta"}
"""A job that the operator has, so that there is one to see."""


class Workbench(Struct, frozen=True, eq=False):
    """A running ledger, where a browser finds it, an operator's token, and a client that asks the API as that one."""

    service: Service
    url: str
    operator: str
    api: httpx.AsyncClient

    async def token(self, role: Role, *logs: str) -> str:
        """Return a new token; an operator's names no logs."""
        return await create_token(self.service.database.pool("keeper"), role, list(logs), None)

    async def revoke(self, token: str) -> None:
        """Let a token count no longer."""
        await revoke_token(self.service.database.pool("keeper"), token.split("_")[1])

    def path(self, page: str) -> str:
        """Return the path of a page of tests.browser.pages."""
        return page.replace("{token}", self.operator.split("_")[1])

    def sign_in_link(self, token: str) -> str:
        """Return a link that signs in once, with a token."""
        return self.url + self.service.sign_in_links.make(token)


@asynccontextmanager
async def served_workbench(server: EmbeddedServer, template: str) -> AsyncGenerator[Workbench]:
    """Yield the workbench over a ledger to which the story was told, and every log of which has been signed."""
    async with copied_database(server, template, test_clock=True) as database:
        async with service_over(database) as service:
            await tell(service, read_story())
            await tell(service, read_seeds())
            for head in await read_heads(database.pool("reader")):
                if head.size:
                    await service.covering(head.log, head.size)
        async with (
            service_over(database, project=True, sign="always") as service,
            working(service, wanted=True),
            answering(service) as port,
        ):
            url, operator = f"http://{HOST}:{port}", await create_token(database.pool("keeper"), "operator", [], None)
            headers = {"Authorization": f"Bearer {operator}"}
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=ANSWER_SECONDS) as client:
                accepted = await client.post("/v1/replays", json=REPLAY)
                assert accepted.is_success, accepted.text
                yield Workbench(service, url, operator, client)
