"""Exports: everything a question finds, as it was when it was asked, and whole or seen to be cut."""

import csv
import gzip
import io
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from api import exports
from api.event_queries import EVENT_COLUMNS
from api.exports import takes_gzip
from ledger.entry import RecordedEvent
from ledger.scopes import Grant
from ledger.tokens import create_token, revoke_token, split_token
from tests.api.desk import CLOUDEVENTS, NDJSON, OPEN, RIVAL, SHOP, Desk, block, filed, published
from tests.api.served import sent_events, served

EXPORT = f"/v1/logs/{SHOP}/export"
PAGE = 4
PERSONAL = {"claimant_subject_id": "subject:c1", "claimant_name": "Sulastri"}


@pytest.fixture(scope="module", autouse=True)
async def told(shared_desk: Desk) -> AsyncGenerator[None]:
    """Tell events in two logs: several pages of the first, with something personal."""
    events = [
        *(published(f"L{number}", title="=1+1") for number in range(9)),
        block("L1", "R1"),
        filed("D1", **PERSONAL),
    ]
    for log in (SHOP, OPEN):
        assert (await shared_desk.send(events, media=CLOUDEVENTS, log=log)).status_code == 201
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exports, "PAGE_EVENTS", PAGE)
        yield


async def lines_of(desk: Desk, path: str = EXPORT, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the lines of an export."""
    response = await desk.ask("GET", path, **query)
    assert (response.status_code, response.headers["content-type"]) == (200, NDJSON)
    return [msgspec.json.decode(line) for line in response.content.splitlines()]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"order": "desc"},
        {"type": "ListingBlocked"},
        {"q": "consumers"},
        {"subject_prefix": ["dispute:", "listing:shop:L1"], "order": "desc"},
        {"type": "Nothing"},
    ],
)
@pytest.mark.parametrize(("path", "listed"), [(EXPORT, f"/v1/logs/{SHOP}/events"), ("/v1/export", "/v1/events")])
async def test_an_export_is_the_whole_list_and_says_so_in_its_last_line(
    shared_desk: Desk, path: str, listed: str, query: dict[str, Any]
) -> None:
    items = (await shared_desk.get(listed, limit=1000, **query))["items"]
    assert await lines_of(shared_desk, path, **query) == [*items, {"complete": True, "events": len(items)}]


async def test_an_export_of_named_logs_says_at_which_sizes(shared_desk: Desk) -> None:
    response = await shared_desk.ask("GET", "/v1/export", log=OPEN)
    listed = await shared_desk.get("/v1/events", log=OPEN)
    assert msgspec.json.decode(response.headers["jejak-answer"]) == {"logs": listed["logs"]}
    assert {msgspec.json.decode(line).get("log", OPEN) for line in response.content.splitlines()} == {OPEN}


async def test_csv_has_every_attribute_and_a_last_row_for_the_count(shared_desk: Desk) -> None:
    response = await shared_desk.ask("GET", EXPORT, headers={"Accept": "text/csv"})
    head, *rows, last = list(csv.reader(io.StringIO(response.content.decode(), newline="")))
    assert tuple(head) == EVENT_COLUMNS
    assert set(head) == set(RecordedEvent.__struct_fields__)
    assert last == ["#complete", "11", *[""] * (len(head) - 2)]
    page = await shared_desk.ask("GET", f"/v1/logs/{SHOP}/events", headers={"Accept": "text/csv"})
    assert [head, *rows] == list(csv.reader(io.StringIO(page.content.decode(), newline="")))


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("*;q=0.1, gzip; q=0", False),
        ("gzip;q=x", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_an_export_is_packed_where_that_is_accepted(shared_desk: Desk, accepted: str, packed: bool) -> None:
    assert takes_gzip(accepted) == packed
    token = shared_desk.tokens["writer"]
    headers = {"Accept-Encoding": accepted, "Authorization": f"Bearer {token}"}
    async with shared_desk.client.stream("GET", EXPORT, headers=headers) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert (response.headers.get("content-encoding"), raw[:2] == b"\x1f\x8b") == ("gzip" if packed else None, packed)
    plain = await shared_desk.ask("GET", EXPORT, headers={"Accept-Encoding": "identity"})
    assert (gzip.decompress(raw) if packed else raw) == plain.content


async def test_what_is_personal_is_masked_in_every_form(shared_desk: Desk) -> None:
    for form in (NDJSON, "text/csv"):
        response = await shared_desk.ask("GET", EXPORT, headers={"Accept": form})
        assert ("[MASKED]" in response.text, "enc:v1" in response.text, "Sulastri" in response.text) == (
            True,
            False,
            False,
        )


async def test_only_who_may_read_a_log_may_export_it(shared_desk: Desk) -> None:
    for who, path, status in ((None, EXPORT, 401), ("other", EXPORT, 403), (None, "/v1/export", 401)):
        assert (await shared_desk.ask("GET", path, who=who)).status_code == status
    assert (await shared_desk.ask("GET", "/v1/export", log=RIVAL)).status_code == 403
    assert await lines_of(shared_desk, "/v1/export", who="other") == [{"complete": True, "events": 0}]
    assert await shared_desk.refusal(EXPORT, limit="5") == (422, "unknown-parameter", "/limit")


async def test_an_engagement_sees_only_what_was_recorded_within_its_window(desk: Desk) -> None:
    commits = [await desk.tell(published(name)) for name in "ABC"]
    first, second, third = (datetime.fromisoformat(receipts[0]["recordedtime"]) for receipts in commits)
    keeper = desk.service.database.pool("keeper")
    grant = Grant(role="AUDITOR", window_from=second, window_to=third)
    desk.tokens = {**desk.tokens, "auditor": await create_token(keeper, "AUDITOR", [SHOP], None, grant)}
    for query in ({}, {"recorded_from": first.isoformat()}, {"recorded_to": third.isoformat()}):
        *events, last = await lines_of(desk, who="auditor", **query)
        assert ([event["id"] for event in events], last) == (["pub-B"], {"complete": True, "events": 1})
    async with served(desk) as serving, serving.answer(EXPORT.replace("export", "stream"), who="auditor") as response:
        following = sent_events(response)
        assert (await anext(following)).data["id"] == "pub-B"
        await following.aclose()


async def test_what_is_appended_meanwhile_is_in_the_next_export(desk: Desk) -> None:
    await desk.send([published(f"L{number}", extra={"note": "t" * 4_000}) for number in range(500)], media=CLOUDEVENTS)
    seen: list[bytes] = []
    async with served(desk) as serving, serving.answer(EXPORT) as response:
        async for line in response.aiter_lines():
            if not seen:
                await desk.send([published("later")], media=CLOUDEVENTS)
            seen.append(line.encode())
    assert msgspec.json.decode(seen[-1]) == {"complete": True, "events": 500}
    assert [int(msgspec.json.decode(line)["sequence"]) for line in seen[:-1]] == list(range(500))
    assert (await lines_of(desk))[-1] == {"complete": True, "events": 501}


async def test_an_export_whose_token_is_revoked_has_no_last_line(desk: Desk) -> None:
    for start in range(0, 6_000, 2_000):
        events = [published(f"L{number}", extra={"note": "t" * 4_000}) for number in range(start, start + 2_000)]
        assert (await desk.send(events, media=CLOUDEVENTS)).status_code == 201
    keeper = desk.service.database.pool("keeper")
    token = await create_token(keeper, "PLATFORM_WRITER", [SHOP], None)
    parts = split_token(token)
    assert parts is not None
    seen = b""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    async with served(desk) as serving, serving.answer(EXPORT, headers=headers) as response:
        async for part in response.aiter_raw():
            if not seen:
                await revoke_token(keeper, parts[0])
            seen = (seen + part)[-200:]
    assert b'"complete"' not in seen


async def test_a_head_of_an_export_is_answered_and_over(desk: Desk) -> None:
    async with served(desk) as serving:
        headers = {"Authorization": f"Bearer {desk.tokens['writer']}"}
        response = await serving.client.head(EXPORT, headers=headers)
        assert (response.status_code, response.content, response.headers["content-type"]) == (200, b"", NDJSON)
