"""A running service with its logs, its tokens and a client: what every test of the HTTP API stands on."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx
import msgspec

from api.app import make_app
from api.bodies import event_form
from api.events import test_clock_of
from api.files import local_author
from api.problems import MEDIA_TYPE, document_of
from api.service import Service, Signing, service_over
from ledger.database import Database
from ledger.domain.catalogue import EVENTS
from ledger.errors import JejakError
from ledger.rights import APPENDS, ROLES, Role
from ledger.scopes import Grant
from ledger.tokens import create_token, find_credential

SHOP, OPEN, RIVAL = "shop", "open-shop", "rival"
"""A CONFIDENTIAL log in Jakarta, a PUBLIC one in London, and the log of somebody else."""
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
JSON = "application/json"
FORBIDDEN = 403
FOLDER = "whoever holds the data folder"
REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"
Json: TypeAlias = Any
"""Any JSON value, or what a query takes."""
Event = dict[str, Json]
TYPE = re.compile(rb'"type"\s*:\s*"([A-Za-z]{1,100})"')


class Desk:
    """A client of a service of its own. `who` is `operator`, `writer` (of shop and open-shop), `other` or nobody.

    Tokens of platforms' writers have sisters for the same logs, one for each role: what a writer may not append, the
    role does that may, so that a test tells of every side with one name. What is of several sides at once is appended
    as from the command line.
    """

    def __init__(self, service: Service, client: httpx.AsyncClient, tokens: Mapping[str, str]) -> None:
        self.service = service
        self.client = client
        self.tokens = tokens
        self._sisters: dict[tuple[str, Role], str] = {}

    async def sister(self, who: str, role: Role) -> str:
        """Return the name of a token of another role for the same logs."""
        name = f"{who} as {role}"
        if name not in self.tokens:
            keeper = self.service.database.pool("keeper")
            credential = await find_credential(keeper, self.tokens[who])
            assert credential is not None
            party = "party:shop" if role == "PARTNER_AGENCY" else None
            token = await create_token(keeper, role, credential.logs, None, Grant(role=role, party=party))
            self.tokens = {**self.tokens, name: token}
        return name

    async def side(self, who: str | None, body: bytes) -> str | None:
        """Return whose token appends a body: the one named, or its sister of the first role that may append all of it.

        FOLDER where no one role may, or a task force, which needs a mandate.
        """
        types = {name.decode() for name in TYPE.findall(body)} & EVENTS.keys()
        if who is None or types <= APPENDS["PLATFORM_WRITER"]:
            return who
        named = await find_credential(self.service.database.pool("keeper"), self.tokens[who])
        if named is None or named.role != "PLATFORM_WRITER":
            return who
        roles: list[Role] = [role for role in ROLES if role != "TASK_FORCE" and types <= APPENDS[role]]
        return await self.sister(who, roles[0]) if roles else FOLDER

    async def append(self, body: bytes, log: str, media: str, *, dry_run: bool = False) -> httpx.Response:
        """Append a body as whoever holds the data folder does, whom the table of rights does not bind."""
        found = await self.service.find_log(log)
        try:
            events = self.service.intake.read(event_form(media, body), body)
            at = test_clock_of(events) if self.service.database.test_clock else None
            receipts = await self.service.appender.append(
                found, local_author(found), events, recordedtime=at, dry_run=dry_run
            )
        except JejakError as error:
            document = document_of(error)
            return httpx.Response(document["status"], json=document, headers={"Content-Type": MEDIA_TYPE})
        return httpx.Response(200 if dry_run else 201, json={"log": log, "receipts": msgspec.to_builtins(receipts)})

    async def ask(
        self,
        method: str,
        path: str,
        *,
        who: str | None = "writer",
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Json,
    ) -> httpx.Response:
        """Send one request and return its answer."""
        sent = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        params = httpx.QueryParams(dict(query)) if query else None  # an empty one would drop what the path has
        return await self.client.request(
            method, path, content=content, headers={**sent, **(headers or {})}, params=params
        )

    async def get(self, path: str, *, who: str | None = "writer", **query: Json) -> Json:
        """Return the JSON of an answer that must be good."""
        response = await self.ask("GET", path, who=who, **query)
        assert response.status_code == 200, response.text
        return response.json()

    async def refusal(self, path: str, **query: Json) -> tuple[int, str, str]:
        """Return status, first code and first pointer of the problem that a question meets."""
        response = await self.ask("GET", path, **query)
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        return response.status_code, problem["errors"][0]["code"], problem["errors"][0]["pointer"]

    async def send(
        self,
        events: Event | Sequence[Event],
        *,
        log: str = SHOP,
        who: str | None = "writer",
        media: str = JSON,
        **query: str,
    ) -> httpx.Response:
        """Append one event or several, as JSON."""
        return await self.post(msgspec.json.encode(events), log=log, who=who, media=media, **query)

    async def post(
        self, body: bytes, *, log: str = SHOP, who: str | None = "writer", media: str = JSON, **query: str
    ) -> httpx.Response:
        """Append a body as it is."""
        headers = {"Content-Type": media}
        side = await self.side(who, body)
        dry_run = query.get("dry_run") == "true"
        if side == FOLDER:
            return await self.append(body, log, media, dry_run=dry_run)
        response = await self.ask("POST", f"/v1/logs/{log}/events", who=side, content=body, headers=headers, **query)
        others = side != who and response.status_code == FORBIDDEN  # another's case, or event to correct
        return await self.append(body, log, media, dry_run=dry_run) if others else response

    async def tell(self, *events: Event, log: str = SHOP) -> list[dict[str, Json]]:
        """Append events that must be accepted, let the views follow, and return their receipts."""
        response = await self.send(events, log=log, media=CLOUDEVENTS)
        assert response.status_code == 201, response.text
        await self.follow()
        receipts: list[dict[str, Json]] = response.json()["receipts"]
        return receipts

    async def follow(self) -> None:
        """Let the views catch up with every log."""
        await self.service.runner.catch_up()

    async def size(self, log: str = SHOP) -> int:
        """Return how many entries a log has."""
        size: int = (await self.get(f"/v1/logs/{log}", who="operator"))["size"]
        return size

    async def entry(self, event_id: str, log: str = SHOP) -> bytes:
        """Return the raw bytes of an entry."""
        response = await self.ask("GET", f"/v1/logs/{log}/events/{event_id}/entry")
        assert response.status_code == 200, response.text
        return response.content


@asynccontextmanager
async def open_desk(database: Database, *, sign: Signing = "asked") -> AsyncGenerator[Desk]:
    """Yield a desk over an empty database, with three logs and three tokens."""
    async with service_over(database, sign=sign) as service:
        await service.create_log(SHOP, "PLATFORM", "Asia/Jakarta", "ID", "CONFIDENTIAL")
        await service.create_log(OPEN, "PLATFORM", "Europe/London", "GB", "PUBLIC")
        await service.create_log(RIVAL, "PLATFORM", "Asia/Jakarta", "ID", "CONFIDENTIAL")
        keeper = database.pool("keeper")
        tokens = {
            "operator": await create_token(keeper, "operator", [], None),
            "writer": await create_token(keeper, "PLATFORM_WRITER", [SHOP, OPEN], None),
            "other": await create_token(keeper, "PLATFORM_WRITER", [RIVAL], None),
        }
        transport = httpx.ASGITransport(app=make_app(service))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            yield Desk(service, client, tokens)


def event(event_id: str, event_type: str, subject: str, time: str = "2026-01-10T03:00:00Z", **data: Json) -> Event:
    """Return an event as a client sends it."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/tests",
        "type": event_type,
        "subject": subject,
        "time": time,
        "data": data,
    }


def published(name: str, time: str = "2026-01-05T00:00:00Z", **data: Json) -> Event:
    """Return that a listing went live."""
    return event(f"pub-{name}", "ListingPublished", f"listing:shop:{name}", time, **data)


def block(name: str, restriction_id: str, time: str = "2026-01-10T03:00:00Z", **data: Json) -> Event:
    """Return that a listing was removed; the event's id is made of both."""
    data = {"restriction_id": restriction_id, "decision_visibility": [REMOVED], **data}
    return event(f"block-{name}-{restriction_id}", "ListingBlocked", f"listing:shop:{name}", time, **data)


def reinstated(name: str, restriction_id: str, time: str = "2026-01-12T03:00:00Z") -> Event:
    """Return that a restriction of a listing ended."""
    event_id = f"lift-{name}-{restriction_id}"
    return event(event_id, "ListingReinstated", f"listing:shop:{name}", time, restriction_id=restriction_id)


def registered(name: str, time: str = "2026-01-02T00:00:00Z", **data: Json) -> Event:
    """Return that a seller registered."""
    return event(f"reg-{name}", "SellerRegistered", f"seller:shop:{name}", time, **data)


def filed(name: str, time: str = "2026-01-03T00:00:00Z", **data: Json) -> Event:
    """Return that a dispute was filed."""
    data = {"claimant_kind": "CONSUMER", **data}
    return event(f"filed-{name}", "DisputeFiled", f"dispute:forum:{name}", time, **data)


def outcome(name: str, time: str = "2026-01-08T00:00:00Z", value: str = "SETTLED", number: int = 1) -> Event:
    """Return that a dispute has an outcome."""
    event_id = f"outcome-{name}-{number}"
    return event(event_id, "DisputeOutcomeRecorded", f"dispute:forum:{name}", time, outcome=value)


def corrected(event_id: str, subject: str, target: str, **to: Json) -> Event:
    """Return a correction: what `to` says is set."""
    data = {"target_event_id": target, "set": to, "reason_code": "CLERICAL"}
    return event(event_id, "EventCorrected", subject, "2026-01-20T00:00:00Z", **data)


def voided(event_id: str, subject: str, target: str) -> Event:
    """Return a void."""
    data = {"target_event_id": target, "reason_code": "CLERICAL"}
    return event(event_id, "EventVoided", subject, "2026-01-20T00:00:00Z", **data)
