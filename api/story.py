"""A small story of our own, told to a ledger with a test clock and then asked of it by requests that a user can send.

A marketplace blocks two listings, records one block late, bans a seller for a day too long, and takes a listing down on
notice. What was so, and what was known of it then, differ: that is what the ledger is for.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from api.app import make_app
from api.service import Service
from ledger.domain.json_values import is_object
from ledger.errors import LogExists
from ledger.intake import Author
from ledger.tokens import create_token

LOG = "demo-shop"
ZONE = "Asia/Jakarta"
AUTHOR = Author(authid="story", authrole="PLATFORM_WRITER")


class Question(Struct, frozen=True):
    """A question, the request that asks it, and what of the answer a person wants to see."""

    text: str
    request: str
    shown: str = "count"


QUESTIONS = (
    Question("Listings blocked on 3 March, as we know now", "/v1/listings?restricted=true&count=true&as_of=2026-03-03"),
    Question(
        "... and as was known that evening (one block was recorded late)",
        "/v1/listings?restricted=true&count=true&as_of=2026-03-03&known_at=2026-03-03",
    ),
    Question(
        "Listings one could buy in Indonesia on 5 March, their seller banned",
        "/v1/listings?visible=true&country=ID&count=true&as_of=2026-03-05",
    ),
    Question(
        "... and what hid the others",
        "/v1/listings?visible=false&country=ID&as_of=2026-03-05",
        "hidden_by",
    ),
    Question(
        "Sellers banned on 7 March, as known that day",
        "/v1/sellers?status=BANNED&count=true&as_of=2026-03-07&known_at=2026-03-07",
    ),
    Question(
        "... and as known now (the ban's end was corrected)",
        "/v1/sellers?status=BANNED&count=true&as_of=2026-03-07",
    ),
    Question("Takedown items actioned on 9 March", "/v1/takedowns?state=ACTIONED&count=true&as_of=2026-03-09"),
    Question("Disputes with an outcome on 20 March", "/v1/disputes?outcome=SETTLED&count=true&as_of=2026-03-20"),
)


def event(recorded: str, type_: str, subject: str, time: str, data: Mapping[str, Any], **more: str) -> dict[str, Any]:
    """Return an event of the story; its id follows from what it says."""
    name = f"{subject.rpartition(':')[2]}-{type_}-{time[:10]}".lower()
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/demo-shop/moderation",
        "type": type_,
        "subject": subject,
        "time": time,
        "recordedtime": recorded,
        "data": data,
        **more,
    }


def _published(name: str, seller: str) -> dict[str, Any]:
    return event(
        "2026-03-01T03:00:00Z",
        "ListingPublished",
        f"listing:{LOG}:{name}",
        "2026-03-01T02:00:00Z",
        {
            "seller_id": f"seller:{LOG}:{seller}",
            "category_code": "batik",
            "cluster": "TEXTILE_FASHION",
            "ship_from_country": "ID",
            "destination_countries": ["ID", "MY"],
        },
    )


def _block(recorded: str, name: str, time: str, restriction: str, case: str | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "restriction_id": restriction,
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "territorial_scope": ["ID"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_facts": "The goods shown are not those sent.",
        "source_type": "SOURCE_VOLUNTARY",
        "legal_basis": [{"instrument_id": f"policy:{LOG}:terms", "ground": "TERMS_INCOMPATIBLE", "jurisdiction": "ID"}],
    }
    if case is not None:
        data |= {"case_id": case, "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION"}
    return event(recorded, "ListingBlocked", f"listing:{LOG}:{name}", time, data)


def tale() -> list[dict[str, Any]]:
    """Return the events of the story, in recorded order."""
    return [*_shop(), *_takedown(), _correction(), *_dispute()]


def _shop() -> list[dict[str, Any]]:
    seller = f"seller:{LOG}:Sari"
    ban = {"restriction_id": "BAN-1", "decision_account": "DECISION_ACCOUNT_TERMINATED", "territorial_scope": ["WORLD"]}
    revoked = {"restriction_id": "BAN-1", "ground": "APPEAL_UPHELD"}
    return [
        *[_published(name, "Sari" if name < "L3" else "Budi") for name in ("L1", "L2", "L3", "L4")],
        _block("2026-03-03T04:00:00Z", "L1", "2026-03-03T03:30:00Z", "R-1"),
        event("2026-03-04T03:00:00Z", "SellerBanned", seller, "2026-03-04T02:00:00Z", ban),
        _block("2026-03-06T01:00:00Z", "L3", "2026-03-02T10:00:00Z", "R-2"),
        event("2026-03-08T02:00:00Z", "SellerBanRevoked", seller, "2026-03-08T01:00:00Z", revoked),
    ]


def _takedown() -> list[dict[str, Any]]:
    case = f"takedown_case:{LOG}:N1"
    listing = f"listing:{LOG}:L4"
    notice = {
        "channel": "WEB_FORM",
        "notifier_size_class": "SMALL",
        "ip_right_type": "COPYRIGHT",
        "items": [{"item_no": 1, "listing_id": listing}],
        "regime": "ID_GENERIC",
    }
    action = {"item_no": 1, "listing_id": listing, "restriction_id": "R-3", "measure": "REMOVED"}
    return [
        event("2026-03-08T05:00:00Z", "NoticeReceived", case, "2026-03-08T04:00:00Z", notice),
        event("2026-03-09T02:00:00Z", "TakedownActioned", case, "2026-03-09T01:30:00Z", action),
        _block("2026-03-09T02:00:00Z", "L4", "2026-03-09T01:30:00Z", "R-3", case),
    ]


def _correction() -> dict[str, Any]:
    corrected = {
        "target_event_id": "sari-sellerbanrevoked-2026-03-08",
        "set": {"time": "2026-03-06T01:00:00Z"},
        "reason_code": "CLERICAL",
        "approved_by": "officer:7",
    }
    return event("2026-03-10T02:00:00Z", "EventCorrected", f"seller:{LOG}:Sari", "2026-03-10T02:00:00Z", corrected)


def _dispute() -> list[dict[str, Any]]:
    dispute = "dispute:demo-forum:D1"
    filed = {
        "claimant_kind": "CONSUMER",
        "claimant_country": "MY",
        "respondent_country": "ID",
        "issue": "NOT_AS_DESCRIBED",
        "remedy_sought": ["REFUND"],
        "amount": {"amount_minor": 25_000_000, "currency": "IDR"},
        "claimant_subject_id": "subject:c1",
        "claimant_name": "Aminah",
    }
    outcome = {"outcome": "SETTLED", "stage": "FACILITATED_SETTLEMENT", "method": "MEDIATION", "binding": False}
    return [
        event("2026-03-12T02:00:00Z", "DisputeFiled", dispute, "2026-03-12T01:00:00Z", filed),
        event("2026-03-19T02:00:00Z", "DisputeOutcomeRecorded", dispute, "2026-03-19T01:00:00Z", outcome),
    ]


async def load(service: Service) -> None:
    """Tell the story to the ledger; told again, nothing is added."""
    with contextlib.suppress(LogExists):
        await service.create_log(LOG, "PLATFORM", ZONE, "ID", "CONFIDENTIAL")
    log = await service.find_log(LOG)
    batches: dict[str, list[dict[str, Any]]] = {}
    for told in tale():
        batches.setdefault(told["recordedtime"], []).append(told)
    for batch in batches.values():
        events = service.intake.read_array(msgspec.json.encode(batch))
        first = getattr(events[0], "recordedtime", None)
        await service.appender.append(log, AUTHOR, events, recordedtime=first)
    await service.runner.catch_up()


async def tell(service: Service) -> list[dict[str, Any]]:
    """Load the story and ask its questions over HTTP; return question, request and answer of each."""
    await load(service)
    token = await create_token(service.database.pool("keeper"), "PLATFORM_WRITER", [LOG], None)
    transport = httpx.ASGITransport(app=make_app(service))  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"}
    answers: list[dict[str, Any]] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://ledger", headers=headers) as client:
        for number, question in enumerate(QUESTIONS, 1):
            response = await client.get(question.request)
            response.raise_for_status()
            answers.append(
                {
                    "id": f"Q{number}",
                    "question": question.text,
                    "request": f"GET {question.request}",
                    "answer": _answer(response.json(), question.shown),
                }
            )
    return answers


def _answer(body: dict[str, Any], shown: str) -> Any:  # noqa: ANN401 - any JSON value
    if shown in body:
        return body[shown]
    return {item["subject"].rpartition(":")[2]: item[shown] for item in body["items"]}


def show(answers: list[dict[str, Any]]) -> None:
    """Print the answers as a table."""
    table = Table(title="What was so, and who knew it when", title_justify="left", show_lines=False)
    table.add_column("", style="dim")
    table.add_column("question")
    table.add_column("answer", style="bold")
    for answer in answers:
        value = answer["answer"]
        text = "; ".join(f"{name}: {' '.join(value[name])}" for name in value) if is_object(value) else str(value)
        table.add_row(answer["id"], answer["question"], text)
    Console().print(table)
