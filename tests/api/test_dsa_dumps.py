"""Daily files of statements: their columns, their signatures, and that none is ever written anew."""

import csv
import io
from hashlib import sha256

import msgspec
import pytest

from api.dsa.dump_content import measure, write_pages
from api.dsa.dump_notes import check_dump, format_dump, parse_dump
from api.dsa.dump_rows import CHANGES, FULL, LIGHT
from api.dsa.dumps import published, read_file
from ledger.domain.statement import statement_id, statement_subject, statement_uuid
from ledger.errors import Tampered
from ledger.store import PAGE_EVENTS
from ledger.tlog.note import Ed25519Signer, NoteError, generate_seed, parse_note, parse_vkey
from tests.api.asking import on
from tests.api.desk import OPEN, REMOVED, SHOP, Desk, Event, Json, corrected, event, voided
from tests.api.statements_of_reasons import statement

Row = dict[str, str]
FACTS = 'seen "twice",\nby two people'


def submitted(puid: str, day: str, log: str = SHOP, **said: Json) -> Event:
    """Return a statement submitted, and recorded, in the morning of a day."""
    subject = statement_subject(log, statement_uuid(log, puid))
    one = event(
        statement_id(puid),
        "StatementSubmitted",
        subject,
        on(day),
        **statement(puid, decision_visibility=[REMOVED], **said),
    )
    return {**one, "recordedtime": on(day)}


def recorded(change: Event, day: str) -> Event:
    """Return a change recorded in the evening of a day."""
    return {**change, "recordedtime": on(day, 22)}


def subject(puid: str) -> str:
    """Return the stream of a statement of the shop."""
    return statement_subject(SHOP, statement_uuid(SHOP, puid))


async def publish(desk: Desk, day: str, log: str = SHOP) -> Json:
    """Publish a day of 2026 and return the answer."""
    body = msgspec.json.encode({"date": f"2026-{day}"})
    response = await desk.ask("POST", f"/logs/{log}/dumps", who="operator", content=body)
    assert response.status_code == 201, response.text
    return response.json()


async def content(desk: Desk, dump: Json, variant: str, log: str = SHOP) -> bytes:
    """Return a file, which must be what its name says."""
    (file,) = [file for file in dump["files"] if file["variant"] == variant]
    response = await desk.ask("GET", f"/logs/{log}/dumps/{file['name']}")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert file["name"] == f"{sha256(response.content).hexdigest()}.csv"
    assert (len(response.content), len(rows(response.content))) == (file["bytes"], file["rows"])
    return response.content


def rows(file: bytes) -> list[Row]:
    """Return the rows of a file."""
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


def puids(file: bytes) -> list[str]:
    """Return whose statements are in a file."""
    return [row["platform_uid"] for row in rows(file)]


async def test_a_day_is_a_file_of_38_columns_and_one_of_34(clocked_desk: Desk) -> None:
    await clocked_desk.send(
        [submitted("a", "01-10", decision_facts=FACTS, end_date_visibility_restriction="2026-02-01")]
    )
    dump = await publish(clocked_desk, "01-10")
    full, light = [rows(await content(clocked_desk, dump, variant)) for variant in ("full", "light")]

    assert (len(FULL), len(LIGHT)) == (38, 34)
    assert full == [
        {
            **dict.fromkeys(FULL, ""),
            "uuid": str(statement_uuid(SHOP, "a")),
            "decision_visibility": f'["{REMOVED}"]',
            "end_date_visibility_restriction": "2026-02-01 00:00:00",
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": "section 3",
            "illegal_content_explanation": "the sale of wild animals is forbidden",
            "category": "STATEMENT_CATEGORY_ANIMAL_WELFARE",
            "content_type": '["CONTENT_TYPE_PRODUCT"]',
            "content_date": "2023-05-17 00:00:00",
            "territorial_scope": '["BE","DE","FR"]',
            "application_date": "2023-05-18 00:00:00",
            "decision_facts": 'seen "twice", by two people',
            "source_type": "SOURCE_ARTICLE_16",
            "source_identity": "an association",
            "automated_detection": "No",
            "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
            "platform_name": SHOP,
            "platform_uid": "a",
            "created_at": "2026-01-10 02:00:00",
        }
    ]
    assert light == [{name: full[0][name] for name in LIGHT}]


async def test_a_day_is_the_clocks_in_utc_and_nothing_else_is_in_its_files(clocked_desk: Desk) -> None:
    late = {**submitted("b", "01-10"), "recordedtime": "2026-01-10T23:59:59.999999Z"}
    early = {**submitted("c", "01-10"), "recordedtime": "2026-01-11T00:00:00Z"}
    for one in (submitted("a", "01-10"), late, early):
        assert (await clocked_desk.send(one)).status_code == 201
    dumps = [await publish(clocked_desk, day) for day in ("01-09", "01-10", "01-11", "01-12")]

    assert [puids(await content(clocked_desk, dump, "full")) for dump in dumps] == [[], ["a", "b"], ["c"], []]


async def test_a_later_dump_says_what_became_of_earlier_days_and_their_files_stay(clocked_desk: Desk) -> None:
    await clocked_desk.send([submitted("a", "01-10"), submitted("b", "01-10")])
    first = await publish(clocked_desk, "01-10")
    before = [await content(clocked_desk, first, variant) for variant in ("full", "light", "changes")]
    second = await after_changes(clocked_desk)

    assert [await content(clocked_desk, first, variant) for variant in ("full", "light", "changes")] == before
    assert await publish(clocked_desk, "01-10") == first
    changes = rows(await content(clocked_desk, second, "changes"))
    assert [tuple(row[name] for name in (*CHANGES[:4], "platform_uid", "decision_facts")) for row in changes] == [
        ("2026-01-12 15:00:00", "CORRECTED", "CLERICAL", "2026-01-10", "a", "seen anew"),
        ("2026-01-12 15:00:00", "VOIDED", "CLERICAL", "2026-01-10", "b", statement()["decision_facts"]),
    ]
    assert puids(before[0]) == ["a", "b"]
    assert puids(await content(clocked_desk, second, "full")) == []


async def after_changes(desk: Desk) -> Json:
    """Correct one statement and void another, in one commit after the first dump; publish that day."""
    changes = [
        corrected("fix", subject("a"), statement_id("a"), data={"decision_facts": "seen anew"}),
        voided("void", subject("b"), statement_id("b")),
    ]
    response = await desk.send([recorded(change, "01-12") for change in changes])
    assert response.status_code == 201, response.text
    return await publish(desk, "01-12")


async def test_a_dump_is_signed_by_the_logs_key_and_recorded_in_the_log(clocked_desk: Desk) -> None:
    await clocked_desk.send(submitted("a", "01-10"))
    dump = await publish(clocked_desk, "01-10")
    log = await clocked_desk.get(f"/v1/logs/{SHOP}")
    listed = await clocked_desk.get(f"/logs/{SHOP}/dumps")
    checked = check_dump(dump["note"].encode(), [parse_vkey(log["key"])])

    assert listed == {"log": SHOP, "items": [{k: v for k, v in dump.items() if k != "log"}], "next": None}
    assert checked.day.isoformat() == "2026-01-10"
    assert list(msgspec.to_builtins(checked.files)) == [
        {name: value for name, value in file.items() if name != "name"} for file in dump["files"]
    ]
    entry = await clocked_desk.get(f"/v1/logs/{SHOP}/events/dump:2026-01-10")
    assert (entry["type"], entry["authrole"], entry["data"]["manifest"]["note"]) == (
        "ExportProduced",
        "SYSTEM",
        dump["note"],
    )


async def test_another_key_vouches_for_no_dump(clocked_desk: Desk) -> None:
    dump = await publish(clocked_desk, "01-10")
    text = parse_note(dump["note"].encode()).text
    stranger = Ed25519Signer(parse_dump(text).origin, generate_seed()).verifier

    with pytest.raises(NoteError):
        check_dump(dump["note"].encode(), [stranger])
    assert format_dump(parse_dump(text)) == text
    for broken in (text.replace("v1", "v2"), text + "\n", text.replace(" 0 ", " 00 "), text.replace("full", "whole")):
        with pytest.raises(NoteError):
            parse_dump(broken)


async def test_only_a_day_that_is_over_is_published_and_only_by_an_operator(desk: Desk) -> None:
    ahead = b'{"date":"2999-01-01"}'
    early = await desk.ask("POST", f"/logs/{SHOP}/dumps", who="operator", content=ahead)
    writer = await desk.ask("POST", f"/logs/{SHOP}/dumps", who="writer", content=ahead)
    nobody = await desk.ask("POST", f"/logs/{SHOP}/dumps", who=None, content=ahead)

    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "day-not-over")
    assert (writer.status_code, nobody.status_code) == (403, 401)
    assert await desk.size(SHOP) == 0


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_at_an_end_of_the_calendar_is_refused(desk: Desk, day: str) -> None:
    content = msgspec.json.encode({"date": day})
    response = await desk.ask("POST", f"/logs/{SHOP}/dumps", who="operator", content=content)

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"index": 0, "pointer": "/date", "code": "invalid-time", "detail": "is outside the calendar"}
    ]
    assert await desk.size(SHOP) == 0


async def test_files_of_a_public_log_are_open_and_of_others_for_who_may_read_the_log(clocked_desk: Desk) -> None:
    asked: list[tuple[int, int]] = []
    for log in (OPEN, SHOP):
        name = (await publish(clocked_desk, "01-10", log))["files"][0]["name"]
        for who in (None, "other"):
            listed = await clocked_desk.ask("GET", f"/logs/{log}/dumps", who=who)
            file = await clocked_desk.ask("GET", f"/logs/{log}/dumps/{name}", who=who)
            asked.append((listed.status_code, file.status_code))

    assert asked == [(200, 200), (200, 200), (401, 401), (403, 403)]
    assert (await clocked_desk.ask("GET", f"/logs/{SHOP}/dumps/{'0' * 64}.csv")).status_code == 404


async def test_a_file_is_read_in_parts_of_a_page_at_most(clocked_desk: Desk) -> None:
    count = 2 * PAGE_EVENTS + 1
    log = await clocked_desk.service.find_log(SHOP)
    reader = clocked_desk.service.database.pool("reader")
    await clocked_desk.send([submitted(f"p{number}", "01-10") for number in range(count)])
    parts = [page async for page in write_pages(reader, log, "full", 0, count)]
    measured, *_ = await measure(reader, log, 0, count)

    assert [page.rows for page in parts] == [0, PAGE_EVENTS, PAGE_EVENTS, 1]
    assert (measured.rows, measured.sha256) == (count, sha256(b"".join(page.content for page in parts)).hexdigest())


async def test_what_is_not_what_was_published_is_never_served_whole(clocked_desk: Desk) -> None:
    await clocked_desk.send([submitted("a", "01-10"), submitted("b", "01-10")])
    await publish(clocked_desk, "01-10")
    log = await clocked_desk.service.find_log(SHOP)
    reader = clocked_desk.service.database.pool("reader")
    (one,) = await published(reader, log)
    short = msgspec.structs.replace(one.dump, end=one.dump.end - 1)
    served: list[bytes] = []

    with pytest.raises(Tampered):
        served += [part async for part in read_file(reader, log, short, one.dump.files[0])]
    assert served == []
    whole = [part async for part in read_file(reader, log, one.dump, one.dump.files[0])]
    assert puids(b"".join(whole)) == ["a", "b"]
