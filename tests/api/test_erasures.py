"""Erasures: everybody reads `[ERASED]` at every moment, hashes stay, holds forbid it, and asking again settles it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import msgspec
import pytest

from api.files import local_author
from api.service import service_over
from ledger.entry import read_entry
from ledger.erasure import BACKUPS_KEPT, Eraser, Order
from ledger.errors import Refused, SubjectErased
from ledger.intake import Author, LogInfo
from ledger.judging import Receipt
from ledger.keys import KeyRecord, destroy_key
from ledger.verify import LogVerifier
from projections.checking import check_views
from projections.views import VIEWS
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, Event, Json, corrected, event, filed, outcome, published

PERSON, OTHER = "subject:c1", "subject:c2"
NAMES = {"claimant_name": "Aminah binti Ali", "claimant_contact": "aminah@example.com"}
PATHS = ("/v1/subject", "/v1/subject/history", "/v1/subject/timeline", "/v1/disputes")


def of(person: str, name: str, **data: Json) -> Event:
    """Return that somebody filed a dispute."""
    return filed(name, claimant_subject_id=person, **NAMES, **data)


def hold(name: str, subject: str = PERSON, **data: Json) -> Event:
    return event(f"hold-{name}", "LegalHoldPlaced", subject, authority="court", **data)


def release(name: str, subject: str = PERSON, **data: Json) -> Event:
    return event(f"release-{name}", "LegalHoldReleased", subject, authority="court", **data)


async def ask_to_erase(desk: Desk, subject: str = PERSON, who: str | None = "operator", **more: Json) -> httpx.Response:
    body = {"subject": subject, "basis": "UU 27/2022 art. 43", "request_ref": "DSR-1", **more}
    return await desk.ask("POST", "/v1/erasures", who=who, content=msgspec.json.encode(body))


async def erased(desk: Desk, status: int = 201, **more: Json) -> list[dict[str, Any]]:
    """Erase, and return what was erased in each log."""
    response = await ask_to_erase(desk, **more)
    assert response.status_code == status, response.text
    await desk.follow()
    items: list[dict[str, Any]] = response.json()["erasures"]
    return items


async def refusal(desk: Desk, **more: Json) -> tuple[int, str]:
    response = await ask_to_erase(desk, **more)
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def name_read(desk: Desk, event_id: str, **query: Json) -> str:
    """Return the claimant's name as an event has it in the list of events."""
    items = (await desk.get(f"/v1/logs/{SHOP}/events", who="operator", type="DisputeFiled", **query))["items"]
    return str(next(item for item in items if item["id"] == event_id)["data"]["claimant_name"])


async def assert_sound(desk: Desk, *slugs: str) -> None:
    pool = desk.service.database.pool("reader")
    for slug in slugs:
        log = await desk.service.find_log(slug)
        verified = await LogVerifier(pool, log).verify()
        assert [*verified.findings, *await check_views(pool, log, VIEWS)] == []


async def test_an_erased_name_reads_so_to_everybody_at_every_moment_and_no_hash_changes(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"), of(OTHER, "D2"))
    before = [await desk.entry(f"filed-{name}") for name in ("D1", "D2")]
    known = {"recorded_to": read_entry(before[0]).recordedtime.isoformat()}
    assert (await name_read(desk, "filed-D1"), await name_read(desk, "filed-D2")) == ("[MASKED]", "[MASKED]")
    await erased(desk)
    for query in ({}, known):
        assert (await name_read(desk, "filed-D1", **query), await name_read(desk, "filed-D2", **query)) == (
            "[ERASED]",
            "[MASKED]",
        )
    shown = await desk.get(f"/v1/logs/{SHOP}/events/filed-D1")
    assert {name: shown["data"][name] for name in NAMES} == dict.fromkeys(NAMES, "[ERASED]")
    assert [await desk.entry(f"filed-{name}") for name in ("D1", "D2")] == before
    for path in PATHS:
        text = (await desk.ask("GET", path, subject="dispute:forum:D1", size=f"{SHOP}:2", log=SHOP)).text
        assert "enc:" not in text
        assert not any(value in text for value in NAMES.values())
    await assert_sound(desk, SHOP)


async def test_what_was_corrected_of_an_erased_person_reads_so_in_the_corrections(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    await desk.tell(corrected("c", "dispute:forum:D1", "filed-D1", data={"claimant_name": "Aminah"}))
    seen: list[tuple[bool, bool]] = []
    for erasing in (False, True):
        if erasing:
            await erased(desk)
        text = (await desk.ask("GET", "/v1/corrections")).text
        assert "enc:" not in text
        seen.append(("[MASKED]" in text, "[ERASED]" in text))
    assert seen == [(True, False), (False, True)]


async def test_a_question_of_before_the_erasure_has_the_same_answer_after_it(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"), of(PERSON, "D2"), outcome("D1"))
    past = {"log": SHOP, "size": f"{SHOP}:3", "as_of": "2026-02-01T00:00:00Z"}
    before = [await desk.get(path, **past) for path in ("/v1/disputes", "/v1/corrections")]
    await erased(desk)
    assert [await desk.get(path, **past) for path in ("/v1/disputes", "/v1/corrections")] == before
    assert [item.get("outcome") for item in before[0]["items"]] == ["SETTLED", None]


async def test_the_event_says_what_was_erased_and_that_the_ledger_did_it(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"), of(PERSON, "D2", narrative='He wrote "enc:v1:x:" in it'), of(OTHER, "D3"))
    key_id = read_entry(await desk.entry("filed-D1")).data
    (done,) = await erased(desk)
    recorded = read_entry(await desk.entry(done["id"]))
    assert msgspec.json.decode(recorded.data) == {
        "key_id": done["key_id"],
        "basis": "UU 27/2022 art. 43",
        "fields_count": 5,
        "backups_expire_on": done["backups_expire_on"],
        "subject_id": PERSON,
        "request_ref": "DSR-1",
    }
    assert f"enc:v1:{done['key_id']}:" in bytes(key_id).decode()
    assert (recorded.subject, recorded.type, recorded.authrole) == (PERSON, "ErasureExecuted", "SYSTEM")
    assert done["backups_expire_on"] >= (recorded.time + BACKUPS_KEPT).date().isoformat()
    assert done | {"leaf_hash": hashlib.sha256(b"\0" + await desk.entry(done["id"])).hexdigest()} == {
        "log": SHOP,
        "key_id": done["key_id"],
        "basis": "UU 27/2022 art. 43",
        "request_ref": "DSR-1",
        "fields_count": 5,
        "backups_expire_on": done["backups_expire_on"],
        "id": done["id"],
        "position": 3,
        "version": 1,
        "recordedtime": recorded.recordedtime.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "leaf_hash": done["leaf_hash"],
        "duplicate": False,
    }


async def test_nothing_of_a_destroyed_key_is_left_in_its_row(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    (done,) = await erased(desk)
    (row,) = await desk.service.database.pool("keeper").fetch("SELECT key_id, wrapped, destroyed FROM subject_key")
    assert (row["key_id"], row["wrapped"]) == (done["key_id"], None)
    assert row["destroyed"] == read_entry(await desk.entry(done["id"])).time


async def test_without_a_log_every_log_that_holds_a_key_erases_and_records_it(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        await desk.tell(of(PERSON, "D1"), log=log)
    done = await erased(desk)
    assert [(one["log"], one["position"], one["fields_count"]) for one in done] == [(OPEN, 1, 2), (SHOP, 1, 2)]
    assert (await desk.size(SHOP), await desk.size(OPEN), await desk.size(RIVAL)) == (2, 2, 0)
    assert len({one["key_id"] for one in done}) == 2
    await assert_sound(desk, SHOP, OPEN)


async def test_with_a_log_the_others_keep_their_key(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        await desk.tell(of(PERSON, "D1"), log=log)
    assert [one["log"] for one in await erased(desk, log=OPEN)] == [OPEN]
    assert await name_read(desk, "filed-D1") == "[MASKED]"
    again = await erased(desk)
    assert [(one["log"], one["duplicate"]) for one in again] == [(OPEN, True), (SHOP, False)]


@pytest.mark.parametrize("request_ref", ["DSR-1", "DSR-2"])
async def test_who_asks_again_gets_the_first_receipt(desk: Desk, request_ref: str) -> None:
    await desk.tell(of(PERSON, "D1"))
    first = await erased(desk)
    again = await erased(desk, status=200, request_ref=request_ref, basis="another")
    assert again == [{**first[0], "duplicate": True}]
    assert await desk.size() == 2


async def test_an_erasure_that_broke_off_before_it_was_recorded_is_settled_by_asking_again(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    log = await desk.service.find_log(SHOP)
    destroyed = await destroy_key(desk.service.database.pool("keeper"), log, PERSON, datetime.now(UTC))
    await desk.tell(hold("late"))  # what is destroyed is recorded, whoever forbids it now
    (done,) = await erased(desk)
    assert (done["position"], done["duplicate"]) == (2, False)
    assert read_entry(await desk.entry(done["id"])).time == destroyed


async def test_of_many_who_ask_at_once_one_erases(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    answers = await asyncio.gather(*(ask_to_erase(desk) for _ in range(8)))
    done = [answer.json()["erasures"][0] for answer in answers]
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert [one["duplicate"] for one in done].count(False) == 1
    assert {(one["position"], one["leaf_hash"]) for one in done} == {(1, done[0]["leaf_hash"])}
    assert await desk.size() == 2


class Overtaken(Eraser):
    """One who looked, and before whom another erased; `overtake` is what the other does."""

    overtake: Callable[[], Awaitable[object]] | None = None

    async def _judge(
        self, logs: Sequence[LogInfo], keys: dict[LogInfo, KeyRecord], author: Author, order: Order
    ) -> None:
        overtake, self.overtake = self.overtake, None
        if overtake is not None:
            await overtake()
        await super()._judge(logs, keys, author, order)


async def test_who_is_overtaken_by_another_gets_the_receipt_of_the_other(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    eraser = Overtaken(
        desk.service.database.pool("keeper"), desk.service.appender, desk.service.destroyed_keys, desk.service.scrubber
    )
    eraser.overtake = partial(ask_to_erase, desk)
    order = Order(subject=PERSON, basis="UU 27/2022 art. 43", request_ref="DSR-1")
    (done,) = await eraser.erase("late", order)
    assert (done.receipt.position, done.receipt.duplicate, await desk.size()) == (1, True, 2)


async def test_nobody_else_can_say_that_a_key_is_destroyed(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    key_id = await desk.service.database.pool("keeper").fetchval("SELECT key_id FROM subject_key")
    data = {"key_id": key_id, "backups_expire_on": "2026-03-01"}
    await desk.tell(event("claimed", "ErasureExecuted", PERSON, **data))
    assert await name_read(desk, "filed-D1") == "[MASKED]"
    assert [(one["position"], one["duplicate"]) for one in await erased(desk)] == [(2, False)]
    assert [one["position"] for one in await erased(desk, status=200)] == [2]


async def test_a_hold_forbids_it_until_it_is_released(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"), hold("1"), hold("2", scope="disputes"))
    assert await refusal(desk) == (423, "legal-hold")
    await desk.tell(release("2", scope="disputes"))
    assert await refusal(desk) == (423, "legal-hold")
    assert await name_read(desk, "filed-D1") == "[MASKED]"
    await desk.tell(release("1"))
    assert len(await erased(desk)) == 1


async def test_a_hold_in_one_of_the_logs_forbids_it_in_all(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        await desk.tell(of(PERSON, "D1"), log=log)
    await desk.tell(hold("1"), log=SHOP)
    assert await refusal(desk) == (423, "legal-hold")
    assert (await desk.size(OPEN), await name_read(desk, "filed-D1")) == (1, "[MASKED]")
    assert [one["log"] for one in await erased(desk, log=OPEN)] == [OPEN]


@pytest.mark.parametrize(("kind", "status"), [("AUTHORITY", 423), ("FORUM", 423), ("PLATFORM", 201), ("HOLDER", 201)])
async def test_a_hold_in_the_log_of_an_authority_is_on_every_log_and_one_of_a_rival_is_not(
    desk: Desk, kind: str, status: int
) -> None:
    await desk.tell(of(PERSON, "D1"))
    elsewhere = await desk.service.create_log("elsewhere", kind, "UTC", None, "CONFIDENTIAL")
    held = desk.service.intake.read_one(msgspec.json.encode(hold("1")))
    await desk.service.appender.append(elsewhere, local_author(elsewhere), held)
    assert (await ask_to_erase(desk)).status_code == status


@pytest.mark.parametrize(
    ("scope", "status"),
    [(None, 423), ("disputes", 423), ([PERSON, OTHER], 423), ([OTHER, "listings"], 423), ([OTHER], 201)],
)
async def test_a_wide_hold_is_on_whoever_its_scope_does_not_leave_out(
    desk: Desk, scope: str | list[str] | None, status: int
) -> None:
    data = {} if scope is None else {"scope": scope}
    await desk.tell(of(PERSON, "D1"), hold("1", "ledger:shop", **data))
    assert (await ask_to_erase(desk)).status_code == status


async def test_a_hold_is_over_when_its_time_has_passed(clocked_desk: Desk) -> None:
    told = [
        {**one, "recordedtime": "2026-01-20T00:00:00Z"} for one in (of(PERSON, "D1"), hold("1", until="2026-02-01"))
    ]
    await clocked_desk.tell(*told)
    assert await refusal(clocked_desk, recordedtime="2026-02-01T16:59:59Z") == (423, "legal-hold")
    (done,) = await erased(clocked_desk, recordedtime="2026-02-01T17:00:00Z")
    assert (done["recordedtime"], done["backups_expire_on"]) == ("2026-02-01T17:00:00.000000Z", "2026-03-05")


async def test_what_a_test_clock_cannot_record_destroys_nothing(clocked_desk: Desk) -> None:
    await clocked_desk.tell({**of(PERSON, "D1"), "recordedtime": "2026-01-20T00:00:00Z"})
    assert await refusal(clocked_desk, recordedtime="2026-01-20T00:00:00Z") == (422, "recordedtime-not-later")
    assert await refusal(clocked_desk, recordedtime="9999-12-31T23:59:59Z") == (422, "invalid-event")
    assert await name_read(clocked_desk, "filed-D1") == "[MASKED]"


async def test_an_event_of_an_erased_person_that_is_sent_again_is_the_recorded_one(desk: Desk) -> None:
    change = corrected("c", "dispute:forum:D1", "filed-D1", data={"claimant_name": "Aminah"})
    sent = of(PERSON, "D1")
    receipts = await desk.tell(sent) + await desk.tell(change)
    await erased(desk)
    forgotten = {**sent, "data": {**sent["data"], "claimant_name": "nobody knows any more"}}
    for one, receipt in ((sent, receipts[0]), (forgotten, receipts[0]), (change, receipts[1])):
        again = await desk.send(one)
        assert (again.status_code, again.json()["receipts"]) == (200, [{**receipt, "duplicate": True}])


@pytest.mark.parametrize("more", [{"claimant_country": "ID"}, {"narrative": "there was none"}])
async def test_an_id_is_not_used_again_with_other_content_that_was_not_erased(desk: Desk, more: Event) -> None:
    await desk.tell(of(PERSON, "D1"))
    await erased(desk)
    response = await desk.send(of(PERSON, "D1", **more))
    assert (response.status_code, response.json()["type"]) == (409, "/problems/id-reused")


async def test_nothing_new_is_taken_of_an_erased_person(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    await erased(desk)
    change = corrected("c", "dispute:forum:D1", "filed-D1", data={"claimant_name": "Aminah"})
    for new in (of(PERSON, "D2"), change):
        response = await desk.send(new)
        assert (response.status_code, response.json()["type"]) == (422, "/problems/subject-erased")
    await desk.tell(filed("D3", claimant_subject_id=PERSON), of(OTHER, "D4"), published("A"))
    assert await desk.size() == 5


async def test_another_process_has_no_key_left_that_was_destroyed(desk: Desk) -> None:
    database, log = desk.service.database, await desk.service.find_log(SHOP)
    async with service_over(database) as other:

        async def append(name: str) -> list[Receipt]:
            read = other.intake.read_one(msgspec.json.encode(of(PERSON, name)))
            return await other.appender.append(log, local_author(log), read)

        await append("D1")
        sealed = msgspec.json.decode(read_entry(await desk.entry("filed-D1")).data)["claimant_name"]
        place = (log, PERSON, "filed-D1", "/data/claimant_name", sealed)
        assert await other.keys.decrypt(*place) == NAMES["claimant_name"]
        await erased(desk)
        with pytest.raises(Refused, match="subject-erased"):
            await append("D2")
        with pytest.raises(SubjectErased):
            await other.keys.decrypt(*place)


async def test_only_an_operator_erases(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    assert [(await ask_to_erase(desk, who=who)).status_code for who in (None, "writer", "other")] == [401, 403, 403]
    assert await name_read(desk, "filed-D1") == "[MASKED]"


async def test_who_is_not_known_cannot_be_erased(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"))
    assert await refusal(desk, subject=OTHER) == (404, "not-found")
    assert await refusal(desk, log=OPEN) == (404, "not-found")
    assert await refusal(desk, log="nowhere") == (404, "unknown-log")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"subject": "listing:shop:A"}, "/subject"),
        ({"basis": ""}, "/basis"),
        ({"request_ref": "two words"}, "/request_ref"),
        ({"known_at": "2026-01-01"}, "/known_at"),
        ({"recordedtime": "2026-01-01T00:00:00Z"}, "/recordedtime"),
    ],
)
async def test_what_is_no_erasure_is_refused(desk: Desk, change: Event, pointer: str) -> None:
    response = await ask_to_erase(desk, **change)
    assert (response.status_code, [fault["pointer"] for fault in response.json()["errors"]]) == (422, [pointer])


async def test_a_long_log_is_counted_span_by_span(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.erasure.SPAN_POSITIONS", 2)
    await desk.tell(*(of(person, f"{person[-1]}{n}") for n in range(3) for person in (PERSON, OTHER)))
    assert [one["fields_count"] for one in await erased(desk)] == [6]


def deferred(name: str, subject: str = PERSON, until: str = "2099-12-31", **data: Json) -> Event:
    return event(f"deferral-{name}", "ErasureDeferred", subject, until=until, **data)


def requested(name: str, subject: str = PERSON) -> Event:
    data = {"subject_id": subject, "request_ref": name, "received_at": "2026-01-10"}
    return event(f"request-{name}", "ErasureRequested", subject, **data)


async def test_an_erasure_that_was_put_off_is_refused_with_its_ground_until_a_new_request(desk: Desk) -> None:
    await desk.tell(of(PERSON, "D1"), requested("1"), deferred("1", ground="STATUTORY_RETENTION", restricted=True))
    response = await ask_to_erase(desk)
    assert (response.status_code, response.json()["type"]) == (423, "/problems/erasure-deferred")
    assert "until 2099-12-31 on the ground STATUTORY_RETENTION: event deferral-1" in response.json()["detail"]
    shown = (await desk.get("/v1/subject", subject=PERSON))["items"][0]["state"]
    assert (shown["status"], shown["restricted"]) == ("DEFERRED", True)
    assert await name_read(desk, "filed-D1") == "[MASKED]"
    await desk.tell(requested("2"))
    shown = (await desk.get("/v1/subject", subject=PERSON))["items"][0]["state"]
    assert (shown["status"], shown["restricted"]) == ("REQUESTED", False)
    assert len(await erased(desk)) == 1


async def test_a_deferral_is_over_when_its_time_has_passed(clocked_desk: Desk) -> None:
    told = [of(PERSON, "D1"), requested("1"), deferred("1", until="2026-02-01")]
    await clocked_desk.tell(*({**one, "recordedtime": "2026-01-20T00:00:00Z"} for one in told))
    assert await refusal(clocked_desk, recordedtime="2026-02-01T16:59:59Z") == (423, "erasure-deferred")
    assert len(await erased(clocked_desk, recordedtime="2026-02-01T17:00:00Z")) == 1
