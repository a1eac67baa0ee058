"""After an erasure every way to read a log, at every moment, shows `[ERASED]` where a value of the person's stood."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ledger.database_source import DatabaseSource
from ledger.entry import read_entry
from ledger.export import export_log
from tests.api.desk import SHOP, Desk, Json, corrected, filed
from tests.api.test_erasures import NAMES, OTHER, PERSON, erased

OLD, NEW = NAMES["claimant_name"], "Aminah Ali"
Read = Callable[[str], list[Json]]


def of_json(text: str) -> list[Json]:
    items: list[Json] = msgspec.json.decode(text)["items"]
    return items


def of_lines(text: str) -> list[Json]:
    return [msgspec.json.decode(line) for line in text.splitlines()]


def of_table(text: str) -> list[Json]:
    rows = csv.DictReader(io.StringIO(text))
    return [{**row, "data": msgspec.json.decode(row["data"])} for row in rows]


FORMS: dict[str, Read] = {"application/json": of_json, "application/x-ndjson": of_lines, "text/csv": of_table}


async def told(desk: Desk) -> str:
    """Append disputes of two persons, and a correction of one's name; return when the last of it was recorded."""
    await desk.tell(*(filed(f"D-{who[-1]}", claimant_subject_id=who, **NAMES) for who in (PERSON, OTHER)))
    new = {"claimant_name": NEW, "claimant_subject_id": PERSON}
    await desk.tell(corrected("c", "dispute:forum:D-1", "filed-D-1", data=new))
    return read_entry(await desk.entry("c")).recordedtime.isoformat()


@pytest.mark.parametrize("form", FORMS)
async def test_every_list_search_and_form_shows_it_at_every_moment(desk: Desk, form: str) -> None:
    known = await told(desk)
    await erased(desk)
    queries: list[dict[str, Json]] = [{}, {"recorded_to": known}, {"q": "CONSUMER"}, {"subject": "dispute:forum:D-1"}]
    for path in (f"/v1/logs/{SHOP}/events", "/v1/events"):
        for query in queries:
            response = await desk.ask("GET", path, who="operator", headers={"Accept": form}, **query)
            assert not [value for value in ("enc:", OLD, NEW, NAMES["claimant_contact"]) if value in response.text]
            events = {event["id"]: event["data"] for event in FORMS[form](response.text)}
            assert events["filed-D-1"]["claimant_name"] == "[ERASED]", (path, query)
            if "c" in events:
                assert events["c"]["set"]["data"]["claimant_name"] == "[ERASED]"
            if "filed-D-2" in events:
                assert events["filed-D-2"]["claimant_name"] == "[MASKED]"
    for word in (OLD, NEW, *OLD.split()):
        assert (await desk.get("/v1/events", who="operator", q=word))["items"] == []


async def test_what_was_exported_holds_ciphertext_before_and_after(desk: Desk, tmp_path: Path) -> None:
    await told(desk)
    assert desk.service.signer is not None
    log = await desk.service.find_log(SHOP)
    held: list[bytes] = []
    for name in ("before", "after"):
        if name == "after":
            await erased(desk)
        await desk.service.signer.sign(log)
        await export_log(DatabaseSource(desk.service.database.pool("reader"), log), tmp_path / name)
        (bundle,) = (tmp_path / name).glob("tile/entries/000.p/*")
        held.append(bundle.read_bytes())
        assert not [value for value in (OLD, NEW, NAMES["claimant_contact"]) if value.encode() in held[-1]]
    before, after = held
    assert (before.count(b'"enc:v1:'), after[: len(before)]) == (5, before)
