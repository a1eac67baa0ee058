"""Who read what: counted by credential, purpose and minute, written once the minute is over, and listed."""

import pytest

from api import accesses
from api.accesses import Accesses, Count
from api.reading import Reading
from ledger.database import Database
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, Json, block, open_desk, published
from tests.api.test_cases import let

LISTED = ("role", "purpose", "scope", "requests", "rows", "pii_unmasked")


async def listed(desk: Desk, who: str = "operator", **query: Json) -> list[tuple[Json, ...]]:
    """Write down what was counted; return what a list of it says to somebody."""
    await desk.service.accesses.flush(over=False)
    items = (await desk.get("/v1/accesses", who=who, **query))["items"]
    return [tuple(item[name] for name in LISTED) for item in items]


def whole(slug: str) -> Json:
    """Return how a list names a log that was read."""
    return {"log": slug, "subject": None}


async def test_readings_of_closed_logs_are_counted_for_each_credential_purpose_and_minute(desk: Desk) -> None:
    await desk.tell(published("L1"), published("L2"))
    await desk.tell(published("L3"), log=OPEN)
    await let(desk, "auditor", "AUDITOR", SHOP, OPEN, purpose="engagement 7")
    for who in ("writer", "writer", "auditor"):
        await desk.get(f"/v1/logs/{SHOP}/events", who=who)
    await desk.get("/v1/listings", who="auditor")
    await desk.get(f"/v1/logs/{OPEN}/events", who="writer")  # public: nobody counts
    await desk.ask("GET", f"/v1/logs/{RIVAL}/events")  # refused: nothing is read
    await desk.ask("GET", f"/v1/logs/{SHOP}/events", order="none")
    assert sorted(await listed(desk), key=str) == [
        ("AUDITOR", "engagement 7", [whole(SHOP)], 2, 5, 0),
        ("PLATFORM_WRITER", None, [whole(SHOP)], 2, 4, 0),
    ]


async def test_one_case_is_named_where_one_case_is_read(desk: Desk) -> None:
    await desk.tell(published("L1"), published("L2"))
    await desk.get("/v1/subject", subject="listing:shop:L1")
    await desk.get(f"/v1/logs/{SHOP}/events/pub-L2")
    case = [{"log": SHOP, "subject": f"listing:shop:{name}"} for name in ("L1", "L2")]
    assert await listed(desk) == [("PLATFORM_WRITER", None, case, 2, 2, 0)]
    assert await listed(desk, subject="listing:shop:L2") == [("PLATFORM_WRITER", None, case[1:], 2, 2, 0)]
    assert await listed(desk, subject="listing:shop:L3") == []


async def test_that_the_audit_log_is_read_is_recorded_nowhere(desk: Desk) -> None:
    await desk.get("/v1/subject/timeline", subject="listing:shop:L1") if await desk.tell(published("L1")) else None
    once = await listed(desk)
    await desk.get("/v1/logs/audit/events", who="operator")
    assert await listed(desk) == once


async def test_each_sees_the_accesses_to_logs_that_it_may(desk: Desk) -> None:
    for who, log in (("writer", SHOP), ("other", RIVAL)):
        await desk.get(f"/v1/logs/{log}/events", who=who)
    await let(desk, "officer", "PRIVACY_OFFICER", SHOP)
    await let(desk, "officers", "PRIVACY_OFFICER")
    await let(desk, "there", "REGULATOR", jurisdictions=("GB",))
    seen = [[scope for _, _, scope, *_ in await listed(desk, who)] for who in ("officer", "officers", "there")]
    assert seen == [[[whole(SHOP)]], [[whole(SHOP)], [whole(RIVAL)]], []]
    assert (await desk.ask("GET", "/v1/accesses")).status_code == 403
    token = desk.tokens["other"].split("_")[1]
    assert [scope for _, _, scope, *_ in await listed(desk, token=token)] == [[whole(RIVAL)]]


async def test_what_was_counted_is_written_when_the_ledger_stops(database: Database) -> None:
    async with open_desk(database) as desk:
        await desk.get(f"/v1/logs/{SHOP}/events")
    count = "SELECT count(*) FROM event WHERE type = 'RecordsAccessed'"
    assert await database.pool("reader").fetchval(count) == 1


async def test_a_minute_is_written_once_it_is_over_and_not_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.get(f"/v1/logs/{SHOP}/events")
    now = accesses.minute_now()
    await desk.service.accesses.flush()
    assert (await desk.get("/v1/accesses", who="operator"))["items"] == []
    monkeypatch.setattr(accesses, "minute_now", lambda: now + 1)
    await desk.service.accesses.flush()
    assert len((await desk.get("/v1/accesses", who="operator"))["items"]) == 1


async def test_what_is_counted_at_once_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accesses, "COUNTED_MAX", 2)
    for number in range(5):
        await let(desk, f"auditor-{number}", "AUDITOR", SHOP)
        await desk.get(f"/v1/logs/{SHOP}", who=f"auditor-{number}")
        assert len(desk.service.accesses) <= 2
    assert len(await listed(desk)) == 5


def test_a_record_that_would_name_too_much_names_the_logs() -> None:
    count = Count()
    for number in range(accesses.SCOPE_MAX + 1):
        count.add(Reading(scope={f"shop case:{number}"}))
    assert (count.requests, count.scope) == (accesses.SCOPE_MAX + 1, {"shop"})


async def test_what_cannot_be_written_stays_counted(desk: Desk) -> None:
    await desk.tell(block("L1", "R1"))
    await desk.get(f"/v1/logs/{SHOP}/events")
    await desk.service.create_log("audit", "PLATFORM", "UTC", None, "RESTRICTED")  # not where the ledger records
    counted: Accesses = desk.service.accesses
    with pytest.raises(Exception, match="is of kind PLATFORM"):
        await counted.flush(over=False)
    assert len(counted) == 1
