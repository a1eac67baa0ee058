"""`jejak dump`: what it publishes, prints and writes."""

from hashlib import sha256
from pathlib import Path

import msgspec

from api.dsa.dump_notes import check_dump
from ledger.tlog.note import parse_vkey
from tests.faults.serving import jejak

DONE, USAGE = 0, 2
DAY = "2025-07-01"


async def test_a_day_is_published_and_its_files_and_note_are_written(tmp_path: Path) -> None:
    folder, out = str(tmp_path / "data"), tmp_path / "out"
    made = await jejak("log", "create", "shop", "--timezone", "Europe/Berlin", "--data", folder, "--json")
    key = parse_vkey(msgspec.json.decode(made.output)["key"])
    done = await jejak("dump", "shop", "--date", DAY, "--out", str(out), "--data", folder, "--json")
    again = await jejak("dump", "shop", "--date", DAY, "--data", folder, "--json")
    told = msgspec.json.decode(done.output)
    written = {path.name: path.read_bytes() for path in out.iterdir()}
    note = written.pop(f"{DAY}.note")

    assert (done.code, done.errors, again.output) == (DONE, "", done.output)
    assert {name: f"{sha256(content).hexdigest()}.csv" for name, content in written.items()} == {
        file["name"]: file["name"] for file in told["files"]
    }
    assert (told["log"], told["date"], note.decode()) == ("shop", DAY, told["note"])
    assert [file.variant for file in check_dump(note, [key]).files] == ["full", "light", "changes"]


async def test_a_day_that_is_none_or_not_over_is_refused(tmp_path: Path) -> None:
    folder = str(tmp_path / "data")
    await jejak("log", "create", "shop", "--timezone", "Europe/Berlin", "--data", folder)
    answers = [await jejak("dump", "shop", "--date", day, "--data", folder) for day in ("yesterday", "2999-01-01")]

    assert [(one.code, one.output) for one in answers] == [(USAGE, "")] * 2
    assert "a day is written 2025-07-01" in answers[0].errors
    assert "(day-not-over)" in answers[1].errors
