"""`jejak erase`: what it prints, and how it ends."""

from pathlib import Path
from typing import Any

import msgspec

from tests.api.desk import filed
from tests.faults.serving import jejak

PERSON = "subject:c1"
DONE, USAGE = 0, 2


async def ledger_with_a_dispute(tmp_path: Path) -> str:
    """Make a data folder whose log `forum` holds a claimant's name; return the folder."""
    folder, file = str(tmp_path / "data"), tmp_path / "events.ndjson"
    personal = {"claimant_subject_id": PERSON, "claimant_name": "Aminah binti Ali"}
    file.write_bytes(msgspec.json.encode(filed("D1", **personal)))
    made = await jejak("log", "create", "forum", "--kind", "forum", "--timezone", "UTC", "--data", folder)
    appended = await jejak("append", "forum", str(file), "--data", folder)
    assert (made.code, appended.code) == (DONE, DONE), appended.errors
    return folder


async def test_the_command_erases_once_and_every_reader_sees_it(tmp_path: Path) -> None:
    folder = await ledger_with_a_dispute(tmp_path)
    words = ("erase", PERSON, "--basis", "a law", "--request-ref", "DSR-1", "--data", folder)
    first = await jejak(*words, "--json")
    assert (first.code, first.errors) == (DONE, "")
    done: dict[str, Any] = msgspec.json.decode(first.output)
    (one,) = done["erasures"]
    assert (done["subject"], one["log"], one["fields_count"], one["position"]) == (PERSON, "forum", 1, 1)
    again = await jejak(*words)
    assert (again.code, again.output) == (DONE, f"forum: {PERSON} is erased, values: 1, event: {one['id']}\n")
    shown = await jejak("events", "forum", "--type", "DisputeFiled", "--data", folder)
    assert msgspec.json.decode(shown.output)["data"]["claimant_name"] == "[ERASED]"
    assert (await jejak("verify", "--data", folder)).code == DONE


async def test_what_cannot_be_erased_is_a_usage_error(tmp_path: Path) -> None:
    folder = await ledger_with_a_dispute(tmp_path)
    hold = tmp_path / "hold.ndjson"
    placed = {"type": "LegalHoldPlaced", "subject": PERSON, "id": "h", "data": {"authority": "court"}}
    hold.write_bytes(msgspec.json.encode({**filed("D2"), **placed}))
    assert (await jejak("append", "forum", str(hold), "--data", folder)).code == DONE
    because = ("--basis", "a law", "--request-ref", "DSR-1", "--data", folder)
    for words, reason in (
        ((PERSON, *because), "a legal hold is in force: event h of log forum placed it"),
        (("subject:c9", *because), "no log holds a key of subject:c9"),
        ((PERSON, *because, "--recordedtime", "2026-01-01T00:00:00Z"), "recordedtime: "),
    ):
        done = await jejak("erase", *words)
        assert (done.code, done.output, reason in done.errors) == (USAGE, "", True), done.errors
