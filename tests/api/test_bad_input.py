"""What is refused: each bad event differs from an accepted one in one member, is told why, and leaves nothing."""

from typing import Any

import msgspec
import pytest

from ledger.intake import BATCH_MAX_EVENTS, BODY_MAX_BYTES
from tests.api.bad_events import BAD_EVENTS, Bad, a_block, ahead, changed
from tests.api.desk import (
    CLOUDEVENT,
    CLOUDEVENTS,
    JSON,
    NDJSON,
    SHOP,
    Desk,
    Event,
    block,
    event,
    filed,
    outcome,
    published,
    registered,
)

BATCH_REJECTED = "/problems/batch-rejected"


def faults(problem: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Return (index, pointer, code) of every fault of a problem."""
    return [(fault["index"], fault["pointer"], fault["code"]) for fault in problem["errors"]]


@pytest.fixture(scope="module", autouse=True)
async def reused(shared_desk: Desk) -> None:
    await shared_desk.tell(published("reused") | {"id": "reused"})


@pytest.mark.parametrize("number", range(len(BAD_EVENTS)), ids=[bad.name for bad in BAD_EVENTS])
async def test_an_event_that_is_wrong_in_one_member_is_refused(shared_desk: Desk, number: int) -> None:
    bad: Bad = BAD_EVENTS[number]
    before, good = bad.told(f"n{number}")
    if before:
        await shared_desk.tell(*before)
    size = await shared_desk.size()

    refused = await shared_desk.send(changed(good, bad.path, bad.value))
    problem = refused.json()
    assert faults(problem) == [(0, bad.pointer, bad.code)], problem
    assert all(fault["detail"] and "\n" not in fault["detail"] for fault in problem["errors"])
    assert (refused.status_code, problem["status"]) == (bad.status, bad.status)
    assert problem["type"] == f"/problems/{bad.code}"
    assert refused.headers["content-type"] == "application/problem+json"
    assert await shared_desk.size() == size

    accepted = await shared_desk.send(good)
    assert accepted.status_code == 201, accepted.text
    assert await shared_desk.size() == size + 1


async def test_a_second_outcome_is_refused_until_the_first_is_set_aside(desk: Desk) -> None:
    await desk.tell(filed("D1"), outcome("D1"))
    second = outcome("D1", "2026-01-15T00:00:00Z", "DECIDED_FOR_CLAIMANT", 2)
    refused = await desk.send(second)
    assert (refused.status_code, faults(refused.json())) == (409, [(0, "/data/outcome", "outcome-exists")])
    await desk.tell(event("aside", "OutcomeSetAside", "dispute:forum:D1", "2026-01-14T00:00:00Z"))
    assert (await desk.send(second)).status_code == 201


async def test_a_seller_is_registered_once(desk: Desk) -> None:
    await desk.tell(registered("S1"))
    refused = await desk.send(registered("S1", country="ID") | {"id": "again"})
    assert (refused.status_code, faults(refused.json())) == (422, [(0, "/type", "invalid-event")])


async def test_an_act_may_lie_four_minutes_ahead_and_a_legal_effect_as_far_as_it_likes(desk: Desk) -> None:
    act = block("L1", "R1", ahead(minutes=4))
    effect = event("reg", "PlatformRegistered", "platform:shop", "2999-01-01T00:00:00Z", slug="shop")
    assert len(await desk.tell(act, effect)) == 2


async def test_only_time_is_judged_against_the_clock_and_never_timelatest(desk: Desk) -> None:
    late = block("L1", "R1") | {"timelatest": "2999-01-01T00:00:00Z"}
    assert len(await desk.tell(late)) == 1


async def test_every_fault_of_every_event_of_a_batch_is_told(desk: Desk) -> None:
    batch: list[Event] = [
        published("L1"),
        published("L2", "2026-01-05T00:00:00") | {"colour": "red"},
        block("L3", "R1") | {"type": "Nothing"},
        block("L4", "R1", colour="red", decision_ground="BECAUSE"),
        registered("S1", shop_name="Toko Sari"),
        published("L5") | {"timezone": "Asia/Atlantis", "timelatest": "2026-01-04T00:00:00Z", "subject": "seller:a:b"},
        published("L6", colour="red") | {"timezone": "Asia/Atlantis"},
        published("L7"),
    ]
    expected = [
        (1, "/colour", "invalid-event"),
        (1, "/time", "invalid-event"),
        (2, "/type", "unknown-event-type"),
        (3, "/data/colour", "invalid-event"),
        (3, "/data/decision_ground", "invalid-event"),
        (4, "/data/shop_name", "pii-without-subject"),
        (5, "/subject", "invalid-event"),
        (5, "/timelatest", "invalid-event"),
        (5, "/timezone", "invalid-event"),
        (6, "/data/colour", "invalid-event"),
        (6, "/timezone", "invalid-event"),
    ]
    lines = b"\n".join(msgspec.json.encode(one) for one in batch)
    for response in (
        await desk.send(batch),
        await desk.send(batch, media=CLOUDEVENTS),
        await desk.post(lines, media=NDJSON),
    ):
        problem = response.json()
        assert (response.status_code, problem["type"]) == (422, BATCH_REJECTED)
        assert sorted(faults(problem)) == sorted(expected)
        assert "Toko Sari" not in response.text
    assert await desk.size() == 0


async def test_every_impossible_timeline_of_a_batch_is_told(desk: Desk) -> None:
    ends = [
        event("x1", "ListingReinstated", "listing:shop:A", restriction_id="R1"),
        event("x2", "ListingReinstated", "listing:shop:A", restriction_id="R2"),
        event("x3", "ListingReinstated", "listing:shop:B", restriction_id="R1"),
        block("C", "R1") | {"expectedversion": 5, "causationid": "nobody"},
    ]
    response = await desk.send(ends)
    pointer = "/data/restriction_id"
    assert faults(response.json()) == [
        (0, pointer, "unknown-restriction"),
        (1, pointer, "unknown-restriction"),
        (2, pointer, "unknown-restriction"),
        (3, "/expectedversion", "version-conflict"),
        (3, "/causationid", "unknown-reference"),
    ]
    assert (response.status_code, response.json()["type"]) == (422, BATCH_REJECTED)
    assert await desk.size() == 0


async def test_nothing_of_a_batch_with_one_bad_event_is_stored(desk: Desk) -> None:
    batch = [published(f"L{number}") for number in range(100)]
    batch[57]["time"] = "2026-01-05T00:00:00"
    response = await desk.send(batch)
    assert (response.status_code, faults(response.json())) == (422, [(57, "/time", "invalid-event")])
    assert await desk.size() == 0
    batch[57]["time"] = "2026-01-05T00:00:00Z"
    assert (await desk.send(batch)).status_code == 201


GOOD = msgspec.json.encode(a_block("unreadable").good)
DEEP = b"[" * 100_000 + b"]" * 100_000
UNREADABLE = {
    "nothing": b"",
    "blanks": b"  \n ",
    "half an event": GOOD[:-1],
    "an event and a half": GOOD + b"{",
    "two events in one line": GOOD + GOOD,
    "no quotes": b"{specversion:1.0}",
    "NaN": GOOD.replace(b'"nativeseq":7', b'"nativeseq":NaN'),
    "invalid UTF-8": GOOD.replace(b"as found", b"as \xff\xfe found"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "overlong UTF-8": GOOD.replace(b"as found", b"\xc0\xaf"),
    "a lone surrogate": GOOD.replace(b"as found", b"\\ud800"),
    "a lone surrogate in extra": GOOD.replace(b'"note":"x"', b'"note":"\\udc00"'),
    "a raw control character": GOOD.replace(b"as found", b"a\x01b"),
    "100,000 brackets": DEEP,
    "100,000 brackets in data": GOOD.replace(b'"as found"', DEEP),
    "100,000 brackets in extra": GOOD.replace(b'"note":"x"', b'"note":' + DEEP),
    "100,000 brackets in an unknown attribute": GOOD[:-1] + b',"colour":' + DEEP + b"}",
    "100,000 brackets in place of data": b'{"specversion":"1.0","data":' + DEEP + b"}",
}


# No lines are no events, which is not unreadable.
UNREADABLE_AS = [
    (media, name)
    for media in (JSON, CLOUDEVENT, CLOUDEVENTS, NDJSON)
    for name, body in UNREADABLE.items()
    if media != NDJSON or body.strip()
]


@pytest.mark.parametrize(("media", "name"), UNREADABLE_AS)
async def test_what_is_no_json_is_unreadable(shared_desk: Desk, media: str, name: str) -> None:
    body = UNREADABLE[name]
    if media == NDJSON and not body.strip():
        pytest.skip("no lines are no events, not unreadable")
    size = await shared_desk.size()
    response = await shared_desk.post(
        b"[" + body + b"]" if media == CLOUDEVENTS and body.strip() else body, media=media
    )
    assert (response.status_code, response.json()["type"]) == (400, "/problems/unreadable")
    assert response.headers["content-type"] == "application/problem+json"
    assert await shared_desk.size() == size


@pytest.mark.parametrize(
    "name", ["half an event", "100,000 brackets in an unknown attribute", "a lone surrogate in extra"]
)
async def test_an_unreadable_line_is_told_by_its_number(shared_desk: Desk, name: str) -> None:
    body = GOOD + b"\n\n" + UNREADABLE[name] + b"\n" + GOOD
    response = await shared_desk.post(body, media=NDJSON)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/unreadable")
    assert response.json()["detail"].startswith("line 3: ")


async def test_a_batch_is_an_array_and_one_event_is_none(shared_desk: Desk) -> None:
    one = await shared_desk.post(GOOD, media=CLOUDEVENTS)
    many = await shared_desk.post(b"[" + GOOD + b"]", media=CLOUDEVENT)
    assert (one.status_code, one.json()["type"]) == (400, "/problems/unreadable")
    assert (many.status_code, faults(many.json())) == (422, [(0, "", "invalid-event")])


@pytest.mark.parametrize("value", [b"5", b"null", b'"text"', b"true", b"[1]", b"[[]]"])
async def test_an_event_is_an_object(shared_desk: Desk, value: bytes) -> None:
    response = await shared_desk.post(value, media=JSON)
    assert (response.status_code, faults(response.json())) == (422, [(0, "", "invalid-event")])


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "application/cloudevents", "multipart/form-data", "x"]
)
async def test_other_media_types_are_not_taken(shared_desk: Desk, media: str) -> None:
    response = await shared_desk.post(GOOD, media=media)
    assert (response.status_code, response.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_ten_thousand_events_are_taken_at_once_and_one_more_is_not(desk: Desk) -> None:
    batch = [published(f"L{number}") for number in range(BATCH_MAX_EVENTS + 1)]
    refused = await desk.send(batch)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/too-large")
    assert await desk.size() == 0
    accepted = await desk.send(batch[:-1])
    assert accepted.status_code == 201
    assert await desk.size() == BATCH_MAX_EVENTS


async def test_a_body_of_17_mib_is_too_large_and_one_of_16_is_not(shared_desk: Desk) -> None:
    body = msgspec.json.encode(published("large"))
    refused = await shared_desk.post(body.ljust(17 * 1024 * 1024))
    just_over = await shared_desk.post(body.ljust(BODY_MAX_BYTES + 1))
    for response in (refused, just_over):
        assert (response.status_code, response.json()["type"]) == (413, "/problems/too-large")
        assert response.headers["content-type"] == "application/problem+json"
    assert (await shared_desk.post(body.ljust(BODY_MAX_BYTES))).status_code == 201


async def test_an_entry_may_have_65_535_bytes_with_its_salt_and_position(desk: Desk) -> None:
    def of_length(length: int, name: str) -> Event:
        evidence = [{"evidence_id": f"E{n}", "sha256": "0" * 64, "uri": "x" * 5_000} for n in range(12)]
        evidence.append({"evidence_id": "last", "sha256": "0" * 64, "uri": "x" * length})
        return block(name, "R1", evidence=evidence)

    low, high = 0, 5_000
    while high - low > 1:
        middle = (low + high) // 2
        answer = await desk.send(of_length(middle, f"L{middle:06}"), dry_run="true")
        low, high = (middle, high) if answer.status_code == 200 else (low, middle)
    assert (await desk.send(of_length(low, "longest"))).status_code == 201
    assert 65_400 < len(await desk.entry("block-longest-R1")) <= 65_535
    refused = await desk.send(of_length(high, "toolong"))
    assert faults(refused.json()) == [(0, "", "entry-too-large")]


async def test_an_unknown_log_is_not_found(shared_desk: Desk) -> None:
    response = await shared_desk.post(GOOD, log="nobody")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown-log")


@pytest.mark.parametrize(("who", "status", "problem"), [(None, 401, "unauthorised"), ("other", 403, "forbidden")])
async def test_nothing_is_stored_without_the_right_token(
    shared_desk: Desk, who: str | None, status: int, problem: str
) -> None:
    size = await shared_desk.size()
    response = await shared_desk.post(msgspec.json.encode(published("rights")), who=who)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{problem}")
    assert await shared_desk.size() == size


async def test_a_parameter_that_appending_does_not_know_is_refused(shared_desk: Desk) -> None:
    response = await shared_desk.post(GOOD, atomically="true")
    assert (response.status_code, faults(response.json())) == (422, [(0, "/atomically", "unknown-parameter")])
    for name in ("atomic", "dry_run"):
        response = await shared_desk.post(GOOD, **{name: "maybe"})
        assert (response.status_code, faults(response.json())) == (422, [(0, f"/{name}", "invalid-parameter")])


BAD_LOGS = [
    ("slug", "Upper"),
    ("slug", "-a"),
    ("slug", "a" * 64),
    ("slug", "a\n"),
    ("slug", ""),
    ("timezone", "Asia/Atlantis"),
    ("timezone", "a\0"),
    ("kind", "SHOP"),
    ("jurisdiction", "Indonesia"),
    ("data_class", "SECRET"),
    ("colour", "red"),
]


@pytest.mark.parametrize(("name", "value"), BAD_LOGS)
async def test_a_log_that_is_wrong_in_one_member_is_not_created(shared_desk: Desk, name: str, value: str) -> None:
    good = {"slug": f"log-{BAD_LOGS.index((name, value))}", "timezone": "Asia/Jakarta", "kind": "PLATFORM"}
    good |= {"jurisdiction": "ID", "data_class": "PUBLIC"}
    refused = await shared_desk.ask(
        "POST", "/v1/logs", who="operator", content=msgspec.json.encode(good | {name: value})
    )
    assert (refused.status_code, faults(refused.json())) == (422, [(0, f"/{name}", "invalid-event")])
    accepted = await shared_desk.ask("POST", "/v1/logs", who="operator", content=msgspec.json.encode(good))
    assert accepted.status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", DEEP, b'{"slug":"\\ud800"}', b'{"slug":' + DEEP + b"}"])
async def test_a_log_is_not_created_from_what_is_no_json(shared_desk: Desk, body: bytes) -> None:
    response = await shared_desk.ask("POST", "/v1/logs", who="operator", content=body)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/unreadable")


async def test_clear_text_of_a_personal_field_stands_in_no_error(desk: Desk) -> None:
    secret = "Siti Rahasia"
    bad = [
        registered("S1", shop_name=secret),
        registered("S2", shop_name=secret * 100, subject_id="subject:2"),
        registered("S3", shop_name=secret, subject_id="subject:3", colour="red"),
        registered("S4", shop_name=[secret], subject_id="subject:4"),
        registered("S5", shop_name=f"enc:{secret}", subject_id="subject:5"),
        registered("S6", shop_name=f"\0{secret}", subject_id="subject:6"),
        filed("D1", claimant_name={"name": secret}, claimant_subject_id="subject:7"),
    ]
    await desk.tell(registered("S9", shop_name=secret, subject_id="subject:9"))
    bad.append(registered("S9", shop_name=secret + "!", subject_id="subject:9"))
    for one in bad:
        for query in ({}, {"atomic": "false"}):
            response = await desk.send(one, **query)
            assert secret not in response.text
            assert response.status_code in {207, 409, 422}
    assert SHOP in (await desk.ask("GET", "/v1/logs")).text
