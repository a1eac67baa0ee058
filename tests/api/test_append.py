"""Appending: every encoding, receipts, repeats, what an entry is, and what becomes of † fields."""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
import rfc8785

from ledger.entry import read_entry
from tests.api.desk import (
    CLOUDEVENT,
    CLOUDEVENTS,
    JSON,
    NDJSON,
    OPEN,
    SHOP,
    Desk,
    Event,
    Json,
    block,
    corrected,
    event,
    filed,
    outcome,
    published,
    registered,
    reinstated,
    voided,
)

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
KEY_ID = r"[A-Za-z0-9_-]{12}"


def lines(events: Sequence[Event]) -> bytes:
    """Return events as NDJSON."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in events)


def array(events: Sequence[Event]) -> bytes:
    """Return events as a JSON array."""
    return msgspec.json.encode(events)


def single(events: Sequence[Event]) -> bytes:
    """Return the only event as JSON."""
    (one,) = events
    return msgspec.json.encode(one)


def first_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the only receipt of an answer."""
    (receipt,) = document["receipts"]
    result: dict[str, Any] = receipt
    return result


ENCODINGS = [
    (CLOUDEVENT, single, 1),
    (CLOUDEVENT + "; charset=utf-8", single, 1),
    ("Application/CloudEvents+JSON", single, 1),
    (CLOUDEVENTS, array, 1),
    (CLOUDEVENTS, array, 3),
    (CLOUDEVENTS + ";charset=UTF-8", array, 3),
    (JSON, single, 1),
    (JSON, array, 3),
    (JSON + "; charset=utf-8", array, 3),
    (NDJSON, lines, 1),
    (NDJSON, lines, 3),
    (NDJSON + "; charset=utf-8", lines, 3),
]


@pytest.mark.parametrize(("media", "encode", "count"), ENCODINGS)
async def test_events_are_taken_in_every_encoding(desk: Desk, media: str, encode: Json, count: int) -> None:
    events = [published(f"L{number}", title="Baju \u00e9 \U0001f455") for number in range(count)]
    response = await desk.post(encode(events), media=media)
    assert response.status_code == 201, response.text
    items = (await desk.get(f"/v1/logs/{SHOP}/events"))["items"]
    assert [item["id"] for item in items] == [one["id"] for one in events]
    assert {item["data"]["title"] for item in items} == {"Baju \u00e9 \U0001f455"}


@pytest.mark.parametrize("body", [b"", b"\n \n\r\n"])
async def test_ndjson_without_lines_adds_nothing(desk: Desk, body: bytes) -> None:
    response = await desk.post(body, media=NDJSON)
    assert (response.status_code, response.json()) == (200, {"log": SHOP, "size": 0, "receipts": []})


async def test_blank_lines_and_carriage_returns_are_passed_over(desk: Desk) -> None:
    one, two = msgspec.json.encode(published("A")), msgspec.json.encode(published("B"))
    response = await desk.post(b"\n" + one + b"\r\n\r\n  \n" + two, media=NDJSON)
    assert [receipt["id"] for receipt in response.json()["receipts"]] == ["pub-A", "pub-B"]


async def test_an_event_on_two_lines_is_no_ndjson(desk: Desk) -> None:
    pretty = msgspec.json.format(msgspec.json.encode(published("A")), indent=2)
    response = await desk.post(pretty, media=NDJSON)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/unreadable")
    assert await desk.size() == 0


async def test_receipts_say_where_each_event_stands(desk: Desk) -> None:
    await desk.tell(published("before"))
    events = [published("A"), block("A", "R1"), published("B"), reinstated("A", "R1")]
    response = await desk.send(events)
    assert response.status_code == 201
    answer = response.json()
    receipts = answer["receipts"]
    entries = [await desk.entry(one["id"]) for one in events]
    instant = receipts[0]["recordedtime"]
    assert INSTANT.fullmatch(instant)
    assert answer == {
        "log": SHOP,
        "size": 5,
        "receipts": [
            {
                "id": one["id"],
                "position": position,
                "version": version,
                "recordedtime": instant,
                "leaf_hash": hashlib.sha256(b"\0" + entry).hexdigest(),
                "duplicate": False,
            }
            for one, position, version, entry in zip(events, [1, 2, 3, 4], [1, 2, 1, 3], entries, strict=True)
        ],
    }
    log = await desk.get(f"/v1/logs/{SHOP}")
    assert (log["size"], log["last_recordedtime"]) == (5, instant)


async def test_positions_are_gapless_versions_count_streams_and_time_never_stands(desk: Desk) -> None:
    receipts: list[dict[str, Any]] = []
    for batch in range(5):
        names = [f"A{batch}", f"B{batch}"]
        receipts += await desk.tell(*map(published, names), block("S", f"R{batch}"))
    assert [receipt["position"] for receipt in receipts] == list(range(15))
    assert [receipt["version"] for receipt in receipts] == [1, 1, 1, 1, 1, 2, 1, 1, 3, 1, 1, 4, 1, 1, 5]
    instants = [receipt["recordedtime"] for receipt in receipts]
    assert len(set(instants)) == 5
    assert instants == sorted(instants)
    items = (await desk.get(f"/v1/logs/{SHOP}/events"))["items"]
    assert [item["sequence"] for item in items] == [f"{number:020d}" for number in range(15)]


async def test_a_repeat_is_answered_with_the_first_receipt(desk: Desk) -> None:
    first = (await desk.send(block("A", "R1"))).json()["receipts"]
    await desk.tell(published("B"))
    repeat = await desk.send(block("A", "R1"))
    assert repeat.status_code == 200
    assert repeat.json() == {"log": SHOP, "size": 2, "receipts": [first[0] | {"duplicate": True}]}
    mixed = await desk.send([block("A", "R1"), published("C")])
    assert mixed.status_code == 201
    assert [(receipt["position"], receipt["duplicate"]) for receipt in mixed.json()["receipts"]] == [
        (0, True),
        (2, False),
    ]
    assert await desk.size() == 3


def same_otherwise(one: Event) -> list[Event]:
    """Return the same event said in other words."""
    return [
        one | {"time": "2026-01-10T10:00:00+07:00"},
        one | {"time": "2026-01-10T03:00:00.000000Z"},
        one | {"timeprecision": "INSTANT"},
        one | {"timezone": "Asia/Jakarta"},
        one | {"dataschema": "/schemas/ListingBlocked/1"},
        one | {"expectedversion": 0},
        one | {"expectedversion": 77},
        dict(reversed(one.items())),
        one | {"data": dict(reversed(one["data"].items()))},
        one | {"data": one["data"] | {"decision_facts": None}},
    ]


def different(one: Event) -> list[Event]:
    """Return other events of the same id."""
    return [
        one | {"time": "2026-01-10T03:00:00.000001Z"},
        one | {"timeprecision": "DAY"},
        one | {"timezone": "Asia/Makassar"},
        one | {"timelatest": "2026-01-11T00:00:00Z"},
        one | {"sourcetime": "2026-01-10T03:00:00Z"},
        one | {"source": "/another"},
        one | {"subject": "listing:shop:B"},
        one | {"nativeseq": 1},
        one | {"correlationid": "c"},
        one | {"type": "ListingRestricted"},
        one | {"data": one["data"] | {"restriction_id": "R2"}},
        one | {"data": one["data"] | {"decision_facts": ""}},
        one | {"data": one["data"] | {"extra": {}}},
        one | {"datacontenttype": "application/json"},
    ]


async def test_the_same_content_in_other_words_is_a_repeat(desk: Desk) -> None:
    one = block("A", "R1")
    await desk.tell(one)
    for again in same_otherwise(one):
        response = await desk.send(again)
        assert (response.status_code, first_of(response.json())["duplicate"]) == (200, True), again
    assert await desk.size() == 1


async def test_an_id_reused_with_other_content_is_refused(desk: Desk) -> None:
    one = block("A", "R1")
    await desk.tell(one)
    for other in different(one):
        response = await desk.send(other)
        problem = response.json()
        assert (response.status_code, problem["type"]) == (409, "/problems/id-reused"), other
        assert [(f["index"], f["pointer"], f["code"]) for f in problem["errors"]] == [(0, "/id", "id-reused")]
    assert await desk.size() == 1


async def test_the_rule_of_repeats_holds_within_one_request(desk: Desk) -> None:
    one = block("A", "R1")
    refused = await desk.send([one, published("B"), one | {"source": "/another"}])
    assert (refused.status_code, [fault["index"] for fault in refused.json()["errors"]]) == (409, [2])
    assert await desk.size() == 0
    accepted = await desk.send([one, published("B"), one])
    receipts = accepted.json()["receipts"]
    assert accepted.status_code == 201
    assert receipts[2] == receipts[0] | {"duplicate": True}
    assert await desk.size() == 2


async def test_each_event_may_stand_on_its_own(desk: Desk) -> None:
    await desk.tell(published("A"))
    events = [
        published("A"),
        block("A", "R1"),
        reinstated("A", "R9"),
        published("B") | {"colour": "red"},
        published("C") | {"type": "Nothing"},
        reinstated("A", "R1"),
        published("A") | {"source": "/another"},
    ]
    response = await desk.send(events, atomic="false")
    assert response.status_code == 207
    results = response.json()["results"]
    assert response.json()["log"] == SHOP
    assert [result["index"] for result in results] == list(range(7))
    assert [result["status"] for result in results] == [200, 201, 422, 422, 422, 201, 409]
    assert [result["receipt"]["position"] for result in results if "receipt" in result] == [0, 1, 2]
    assert [(r["problem"]["type"], r["problem"]["errors"][0]["index"]) for r in results if "problem" in r] == [
        ("/problems/unknown-restriction", 2),
        ("/problems/invalid-event", 3),
        ("/problems/unknown-event-type", 4),
        ("/problems/id-reused", 6),
    ]
    stored = (await desk.get(f"/v1/logs/{SHOP}/events"))["items"]
    assert [item["id"] for item in stored] == ["pub-A", "block-A-R1", "lift-A-R1"]


async def test_each_on_its_own_keeps_the_order_whatever_has_to_be_encrypted(desk: Desk) -> None:
    events: list[Event] = []
    for number in range(20):
        name = f"D{number}"
        events.append(filed(name, claimant_name="Aminah", claimant_subject_id=f"subject:{number}"))
        events.append(outcome(name) | {"expectedversion": 1})
        change = {"claimant_name": "Siti"}
        events.append(corrected(f"cor-{name}", f"dispute:forum:{name}", f"filed-{name}", data=change))
    response = await desk.send(events, atomic="false")
    results = response.json()["results"]
    assert [result["status"] for result in results] == [201] * 60
    assert [result["receipt"]["position"] for result in results] == list(range(60))


async def test_each_on_its_own_takes_an_unreadable_line_for_the_whole_body(desk: Desk) -> None:
    body = lines([published("A")]) + b"{\n" + lines([published("B")])
    response = await desk.post(body, media=NDJSON, atomic="false")
    assert (response.status_code, response.json()["detail"].startswith("line 2: ")) == (400, True)
    assert await desk.size() == 0


async def test_a_dry_run_judges_and_stores_nothing(desk: Desk) -> None:
    await desk.tell(published("A"))
    good = [block("A", "R1"), reinstated("A", "R1"), registered("S", shop_name="Sari", subject_id="subject:1")]
    judged = await desk.send(good, dry_run="true")
    assert judged.status_code == 200
    assert judged.json()["size"] == 1
    assert [(r["position"], r["version"], r["duplicate"]) for r in judged.json()["receipts"]] == [
        (1, 2, False),
        (2, 3, False),
        (3, 1, False),
    ]
    refused = await desk.send([*good, reinstated("A", "R9")], dry_run="true")
    assert (refused.status_code, [fault["index"] for fault in refused.json()["errors"]]) == (422, [3])
    each = await desk.send([block("A", "R1"), reinstated("A", "R1")], dry_run="true", atomic="false")
    assert [result["status"] for result in each.json()["results"]] == [200, 422]
    assert await desk.size() == 1
    keeper = desk.service.database.pool("keeper")
    assert await keeper.fetchval("SELECT count(*) FROM subject_key") == 0
    assert [r["position"] for r in await desk.tell(*good)] == [1, 2, 3]


async def test_expected_versions_are_checked_in_recorded_order(desk: Desk) -> None:
    await desk.tell(published("A") | {"expectedversion": 0})
    both = [block("A", "R1") | {"expectedversion": 1}, block("A", "R2") | {"expectedversion": 1}]
    refused = await desk.send(both)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/version-conflict")
    assert [(f["index"], f["pointer"]) for f in refused.json()["errors"]] == [(1, "/expectedversion")]
    both[1]["expectedversion"] = 2
    assert [receipt["version"] for receipt in await desk.tell(*both)] == [2, 3]
    exists = await desk.send(block("A", "R3") | {"expectedversion": 0})
    assert exists.status_code == 409


async def test_a_cause_is_an_event_of_the_log_or_stands_earlier_in_the_request(desk: Desk) -> None:
    effect = block("A", "R1") | {"causationid": "pub-A"}
    too_early = await desk.send([effect, published("A")])
    assert [(f["index"], f["pointer"], f["code"]) for f in too_early.json()["errors"]] == [
        (0, "/causationid", "unknown-reference")
    ]
    await desk.tell(published("A"), effect)
    await desk.tell(block("B", "R1") | {"causationid": "block-A-R1"})
    other_log = await desk.send(block("C", "R1") | {"causationid": "pub-A"}, log=OPEN)
    assert other_log.status_code == 422


async def test_defaults_are_written_and_instants_normalised(desk: Desk) -> None:
    said = {"timelatest": "2026-01-10T12:00:00+07:00", "sourcetime": "2026-01-10T00:00:00.5-03:00"}
    await desk.tell(block("A", "R1", "2026-01-10T10:00:00.120+07:00") | said)
    entry: dict[str, Any] = msgspec.json.decode(await desk.entry("block-A-R1"))
    ledgers = {name: entry.pop(name) for name in ("recordedtime", "authid", "salt")}
    assert INSTANT.fullmatch(ledgers["recordedtime"])
    assert re.fullmatch("[0-9a-f]{16}", ledgers["authid"])
    assert re.fullmatch("[0-9a-f]{32}", ledgers["salt"])
    assert entry == {
        "specversion": "1.0",
        "id": "block-A-R1",
        "source": "/tests",
        "type": "ListingBlocked",
        "subject": "listing:shop:A",
        "time": "2026-01-10T03:00:00.120000Z",
        "timelatest": "2026-01-10T05:00:00.000000Z",
        "sourcetime": "2026-01-10T03:00:00.500000Z",
        "timeprecision": "INSTANT",
        "timezone": "Asia/Jakarta",
        "dataschema": "/schemas/ListingBlocked/1",
        "data": block("A", "R1")["data"],
        "sequence": f"{0:020d}",
        "log": SHOP,
        "streamversion": 1,
        "authrole": "PLATFORM_WRITER",
    }


async def test_the_last_of_duplicate_members_counts(desk: Desk) -> None:
    body = msgspec.json.encode(block("A", "R1")).replace(
        b'"restriction_id":"R1"', b'"restriction_id":"R0","restriction_id":"R1"'
    )
    body = b'{"source":"/first",' + body[1:]
    assert (await desk.post(body)).status_code == 201
    entry = msgspec.json.decode(await desk.entry("block-A-R1"))
    assert (entry["source"], entry["data"]["restriction_id"]) == ("/tests", "R1")


async def test_salt_stands_only_in_logs_that_are_not_public_and_never_twice(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        await desk.tell(published("A"), published("B"), log=log)
    salts = [msgspec.json.decode(await desk.entry(f"pub-{name}")).get("salt") for name in "AB"]
    assert len(set(salts)) == 2
    assert None not in salts
    assert "salt" not in msgspec.json.decode(await desk.entry("pub-A", OPEN))


async def test_expectedversion_is_never_stored_and_the_default_of_timelatest_neither(desk: Desk) -> None:
    await desk.tell(block("A", "R1") | {"expectedversion": 0, "timeprecision": "MONTH"})
    entry = await desk.entry("block-A-R1")
    assert b"expectedversion" not in entry
    assert b"timelatest" not in entry


AWKWARD: Event = {
    "text": '\u00e9\u00df\u4e2d\U0001f600\u2028\u007f\u0080 "quoted" \\ / \b\f\n\r\t \u001f <&>\'',
    'names~/"\\ sorted': {"b": 1, "a": 2, "B": 3, "aa": 4, "a-": 5, "_": 6, "1": 7, "10": 8, "9": 9},
    "numbers": [0, -1, 2**53 - 1, 1 - 2**53, 10**15],
    "other": [True, False, None, [], {}, ""],
}


@pytest.mark.parametrize("log", [SHOP, OPEN])
async def test_an_entry_is_canonical_json_and_its_leaf_hash_is_over_its_bytes(desk: Desk, log: str) -> None:
    full = block(
        "A",
        "R1",
        decision_facts=AWKWARD["text"],
        extra=AWKWARD,
        legal_basis=[{"instrument_id": "policy:id:akar", "ground": "ILLEGAL_CONTENT", "version": "1"}],
        document={"kind": "PRESS", "quote": "\u201cditutup\u201d"},
        territorial_scope=["WORLD"],
    )
    full |= {"nativeseq": -5, "correlationid": "c", "datacontenttype": "application/json"}
    (receipt,) = await desk.tell(full, log=log)
    entry = await desk.entry("block-A-R1", log)
    document = msgspec.json.decode(entry)
    assert rfc8785.dumps(document) == entry
    assert document["data"] == full["data"]
    assert receipt["leaf_hash"] == hashlib.sha256(b"\0" + entry).hexdigest()
    shown = await desk.ask("GET", f"/v1/logs/{log}/events/block-A-R1")
    assert shown.content == entry
    assert shown.headers["content-type"] == CLOUDEVENT
    stored = await desk.service.database.pool("reader").fetchval("SELECT entry FROM event WHERE id = 'block-A-R1'")
    assert stored == entry


PERSONAL = {"claimant_name": "Aminah binti Ali", "claimant_contact": "a@example.com", "narrative": 'It "came" late'}


async def test_personal_fields_are_ciphertext_in_the_entry_and_masked_everywhere_else(desk: Desk) -> None:
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", **PERSONAL))
    entry: dict[str, Any] = msgspec.json.decode(await desk.entry("filed-D1"))
    assert rfc8785.dumps(entry) == await desk.entry("filed-D1")
    values = [entry["data"][name] for name in PERSONAL]
    assert all(re.fullmatch(rf"enc:v1:{KEY_ID}:[A-Za-z0-9+/]+=*", value) for value in values)
    assert len({value.split(":")[2] for value in values}) == 1
    assert len(base64.b64decode(values[0].split(":")[3])) == len(PERSONAL["claimant_name"]) + 16

    masked = {**entry["data"], **dict.fromkeys(PERSONAL, "[MASKED]")}
    assert (await desk.get(f"/v1/logs/{SHOP}/events/filed-D1"))["data"] == masked
    for path in (f"/v1/logs/{SHOP}/events", "/v1/events"):
        (item,) = (await desk.get(path))["items"]
        assert item["data"] == masked
        for media in (NDJSON, "text/csv"):
            text = (await desk.client.get(path, headers=bearer(desk) | {"Accept": media})).text
            assert "[MASKED]" in text
            assert "enc:v1" not in text
    for path in ("/v1/subject", "/v1/subject/history", "/v1/disputes"):
        text = (await desk.ask("GET", path, subject="dispute:forum:D1")).text
        assert "enc:v1" not in text
        assert not any(value in text for value in PERSONAL.values())


def bearer(desk: Desk) -> dict[str, str]:
    """Return the writer's credentials."""
    return {"Authorization": f"Bearer {desk.tokens['writer']}"}


async def test_no_table_holds_clear_text(desk: Desk) -> None:
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", **PERSONAL))
    async with desk.service.database.owner() as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        assert len(tables) > 8
        for (table,) in tables:
            rows = await connection.fetch(f'SELECT * FROM public."{table}"')
            held = b"".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
            assert not any(value.encode() in held for value in PERSONAL.values())


async def test_encryption_gives_a_retry_the_same_bytes_and_another_id_other_bytes(desk: Desk) -> None:
    one = filed("D1", claimant_subject_id="subject:c1", **PERSONAL)
    await desk.tell(one, filed("D2", claimant_subject_id="subject:c1", **PERSONAL))
    retry = await desk.send(one)
    assert (retry.status_code, first_of(retry.json())["duplicate"]) == (200, True)
    other = await desk.send(filed("D1", claimant_subject_id="subject:c1", **PERSONAL | {"narrative": "It came"}))
    assert (other.status_code, other.json()["type"]) == (409, "/problems/id-reused")
    first, second = [read_entry(await desk.entry(f"filed-D{number}")).data for number in (1, 2)]
    names = [msgspec.json.decode(data)["claimant_name"] for data in (first, second)]
    assert names[0] != names[1]
    assert names[0].split(":")[2] == names[1].split(":")[2]


async def test_a_personal_field_without_subject_is_refused_at_its_place(desk: Desk) -> None:
    refused = await desk.send([published("A"), filed("D1", **PERSONAL), registered("S", shop_name="Sari")])
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/pii-without-subject"
    assert sorted((f["index"], f["pointer"]) for f in refused.json()["errors"]) == [
        (1, "/data/claimant_contact"),
        (1, "/data/claimant_name"),
        (1, "/data/narrative"),
        (2, "/data/shop_name"),
    ]


async def test_what_a_correction_sets_is_encrypted_as_its_targets_field(desk: Desk) -> None:
    subject = "dispute:forum:D1"
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", **PERSONAL))
    await desk.tell(
        corrected("cor", subject, "filed-D1", data={"claimant_name": "Aminah", "narrative": PERSONAL["narrative"]})
    )
    target = msgspec.json.decode(await desk.entry("filed-D1"))["data"]
    entry = await desk.entry("cor")
    change = msgspec.json.decode(entry)["data"]["set"]["data"]
    assert b"Aminah" not in entry
    assert change["narrative"] == target["narrative"]  # the same text at the same place of the same event
    assert change["claimant_name"].split(":")[2] == target["claimant_name"].split(":")[2]
    shown = await desk.get(f"/v1/logs/{SHOP}/events/cor")
    assert shown["data"]["set"]["data"] == {"claimant_name": "[MASKED]", "narrative": "[MASKED]"}
    again = await desk.send(
        corrected("cor", subject, "filed-D1", data={"claimant_name": "Aminah", "narrative": PERSONAL["narrative"]})
    )
    assert (again.status_code, first_of(again.json())["duplicate"]) == (200, True)


async def test_a_correction_of_a_target_in_the_same_request_is_encrypted_too(desk: Desk) -> None:
    change = corrected("cor", "dispute:forum:D1", "filed-D1", data={"claimant_name": "Aminah"})
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", **PERSONAL), change)
    assert b"Aminah" not in await desk.entry("cor")


async def test_a_personal_correction_of_a_target_without_subject_is_refused(desk: Desk) -> None:
    await desk.tell(filed("D1"))
    refused = await desk.send(corrected("cor", "dispute:forum:D1", "filed-D1", data={"claimant_name": "Aminah"}))
    assert [(f["pointer"], f["code"]) for f in refused.json()["errors"]] == [
        ("/data/set/data/claimant_name", "pii-without-subject")
    ]
    assert "Aminah" not in refused.text
    named = {"claimant_name": "Aminah", "claimant_subject_id": "subject:c1"}
    await desk.tell(corrected("cor", "dispute:forum:D1", "filed-D1", data=named))
    assert b"Aminah" not in await desk.entry("cor")


async def test_a_void_frees_the_restriction_id_and_never_the_event_id(desk: Desk) -> None:
    await desk.tell(block("A", "R1"), voided("void", "listing:shop:A", "block-A-R1"))
    again = await desk.send(block("A", "R1") | {"id": "second"})
    assert again.status_code == 201
    reused = await desk.send(block("B", "R1") | {"id": "block-A-R1"})
    assert (reused.status_code, reused.json()["type"]) == (409, "/problems/id-reused")


async def test_a_test_clock_lets_an_appender_say_when_the_ledger_records(clocked_desk: Desk) -> None:
    desk = clocked_desk
    first = [
        published("A") | {"recordedtime": "2026-02-01T00:00:00Z"},
        published("B") | {"recordedtime": "2026-02-01T07:00:00+07:00"},
    ]
    assert {receipt["recordedtime"] for receipt in await desk.tell(*first)} == {"2026-02-01T00:00:00.000000Z"}
    same = await desk.send(published("C") | {"recordedtime": "2026-02-01T00:00:00Z"})
    assert [(f["pointer"], f["code"]) for f in same.json()["errors"]] == [("/recordedtime", "recordedtime-not-later")]
    two = [
        published("C") | {"recordedtime": "2026-02-02T00:00:00Z"},
        published("D") | {"recordedtime": "2026-02-03T00:00:00Z"},
    ]
    refused = await desk.send(two)
    assert [(f["pointer"], f["code"]) for f in refused.json()["errors"]] == [("/recordedtime", "invalid-event")]
    each = await desk.send(two, atomic="false")
    assert [result["receipt"]["recordedtime"][:10] for result in each.json()["results"]] == ["2026-02-02", "2026-02-03"]
    beyond = await desk.send(published("E") | {"recordedtime": "9999-12-31T23:00:00-05:00"})
    assert [(f["pointer"], f["code"]) for f in beyond.json()["errors"]] == [("/recordedtime", "invalid-event")]
    origin = (await desk.get(f"/v1/logs/{SHOP}"))["origin"]
    assert origin.startswith("test.")


async def test_an_act_is_judged_by_the_clock_that_a_test_sets(clocked_desk: Desk) -> None:
    late = event("w", "ListingWithdrawn", "listing:shop:A", "2020-01-01T00:05:00.000001Z")
    refused = await clocked_desk.send(late | {"recordedtime": "2020-01-01T00:00:00Z"})
    assert [(f["pointer"], f["code"]) for f in refused.json()["errors"]] == [("/time", "future-not-allowed")]
    late["time"] = "2020-01-01T00:05:00Z"
    await clocked_desk.tell(late | {"recordedtime": "2020-01-01T00:00:00Z"})
