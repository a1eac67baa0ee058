"""Importing files: CSV and NDJSON into a log, bad rows told by line, again and again."""

import gzip
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.files import REFUSALS_TOLD, Refusal, open_file
from api.importing.importer import Imported, import_files, load_mapping
from api.importing.mapping import parse_mapping
from ledger.errors import InputError
from tests.api.desk import SHOP, Desk, block, published
from tests.faults.serving import jejak

CSV = """
format = "csv"
delimiter = ";"
columns = ["Listing", "Since", "Blocked"]
source = "/shop/export"

[[events]]
type = "ListingPublished"
id = "import:{Listing|escape}:published"
subject = "listing:shop:{Listing}"
time = { column = "Since", formats = ["%d.%m.%Y"] }

[[events]]
type = "ListingBlocked"
id = "import:{Listing|escape}:blocked"
subject = "listing:shop:{Listing}"
time = { column = "Blocked", formats = ["%d.%m.%Y"] }
when = [{ column = "Blocked", present = true }]
[events.data]
restriction_id = "R-{Listing}"
decision_visibility = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
"""
NDJSON = CSV.replace('"csv"\ndelimiter = ";"', '"ndjson"')
ROWS = """\ufeffListing;Since;Blocked;"Note, not read"
L1;01.03.2025;;"over
two lines"
L2;01.03.2025;05.03.2025;
L3;first of March;05.03.2025;

L4;01.03.2025
L 5;01.03.2025;;
L2;01.03.2025;05.03.2025;the same again
L2;02.03.2025;;the same id and other content
"""
TOLD = [
    Refusal(5, "bad-date", "Since is no date of the form %d.%m.%Y: 'first of March'"),
    Refusal(7, "wrong-cells", "has 2 cells, and the header 4: is the delimiter right?"),
    Refusal(8, "invalid-event", "/subject is no subject the ledger knows: kind:namespace:native"),
    Refusal(10, "id-reused", "/id the id stands at position 1 with other content"),
]


def written(folder: Path, text: str, name: str = "rows.csv") -> str:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return str(path)


async def imported(desk: Desk, mapping: str, *names: str, dry_run: bool = False) -> Imported:
    return await import_files(desk.service, SHOP, list(names), parse_mapping(mapping), dry_run=dry_run)


async def stored(desk: Desk) -> list[tuple[Any, ...]]:
    """Return what the log holds: id, time, and how exactly it is known."""
    answer = await desk.get(f"/v1/logs/{SHOP}/events", limit=1000)
    return [(item["id"], item["time"], item["timeprecision"]) for item in answer["items"]]


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
async def test_good_rows_are_kept_and_bad_ones_told_by_line(desk: Desk, tmp_path: Path, name: str) -> None:
    path = written(tmp_path, ROWS, name)
    expected = Imported(rows=7, new=4, repeated=2, refused=4, size=4, refusals=TOLD)
    assert await imported(desk, CSV, path) == expected
    first, fifth = "2025-02-28T17:00:00.000000Z", "2025-03-04T17:00:00.000000Z"
    assert await stored(desk) == [
        ("import:L1:published", first, "DAY"),
        ("import:L2:published", first, "DAY"),
        ("import:L2:blocked", fifth, "DAY"),
        ("import:L3:blocked", fifth, "DAY"),
    ]


async def test_a_second_run_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    await imported(desk, CSV, path)
    assert await imported(desk, CSV, path) == Imported(rows=7, repeated=6, refused=4, size=4, refusals=TOLD)


async def test_a_dry_run_says_the_same_and_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    tried = await imported(desk, CSV, written(tmp_path, ROWS), dry_run=True)
    assert tried == Imported(rows=7, new=4, repeated=2, refused=4, refusals=TOLD)
    assert await stored(desk) == []


async def test_a_file_that_grew_adds_what_is_new(desk: Desk, tmp_path: Path) -> None:
    await imported(desk, CSV, written(tmp_path, "Listing;Since;Blocked\nL1;01.03.2025;\n"))
    grown = written(tmp_path, "Listing;Since;Blocked\nL1;01.03.2025;02.03.2025\nL2;01.03.2025;\n")
    assert await imported(desk, CSV, grown) == Imported(rows=2, new=2, repeated=1, size=3, refusals=[])


async def test_lines_of_several_files_are_told_by_file(desk: Desk, tmp_path: Path) -> None:
    good = written(tmp_path, "Listing;Since;Blocked\nL1;01.03.2025;\n", "good.csv")
    bad = written(tmp_path, "Since;Listing;Blocked\nnever;L2;\n", "bad.csv")
    told = [Refusal(2, "bad-date", "Since is no date of the form %d.%m.%Y: 'never'", bad)]
    assert await imported(desk, CSV, good, bad) == Imported(rows=2, new=1, refused=1, size=1, refusals=told)


async def test_ndjson_lines_that_are_no_rows_are_told(desk: Desk, tmp_path: Path) -> None:
    lines = '{"Listing":"L1","Since":"01.03.2025"}\n\n[1]\n{"Listing":\n{"Listing":2,"Since":"01.03.2025"}'
    result = await imported(desk, NDJSON, written(tmp_path, lines))
    assert (result.rows, result.new, result.size) == (4, 2, 2)
    assert [(told.line, told.code) for told in result.refusals] == [(3, "unreadable"), (4, "unreadable")]


async def test_a_dry_run_judges_each_row_whole_wherever_a_batch_ends(desk: Desk, tmp_path: Path) -> None:
    """Each row's outcome is before its filing, which a try can see in the same batch only."""
    case = {"provider": "WIPO", "outcome": "Denied", "submitted": "2023-03-02 00:00:00"}
    dates = [None, *["2023-03-01 00:00:00"] * 700]
    rows = [{**case, "case": f"D{number}", "published": date} for number, date in enumerate(dates)]
    path = written(tmp_path, "\n".join(msgspec.json.encode(row).decode() for row in rows))
    tried = await import_files(desk.service, SHOP, [path], load_mapping("udrp"), dry_run=True)
    assert (tried.rows, tried.new, tried.refused, tried.size) == (701, 701, 700, 0)
    assert [told.line for told in tried.refusals] == list(range(2, 702))


@pytest.mark.parametrize(
    ("text", "mapping", "reason"),
    [
        ("Listing,Since,Blocked\n", CSV, "has no column Blocked, Listing, Since: its header has Listing,Since,Blocked"),
        ("", CSV, "has no column Blocked, Listing, Since: its header has "),
        ('Listing;Since;Blocked\nL1;01.03.2025;\n"L2;', CSV, "cannot be read on after line 2: unexpected end of data"),
    ],
)
async def test_a_file_that_is_not_as_the_mapping_says_is_refused(
    desk: Desk, tmp_path: Path, text: str, mapping: str, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        await imported(desk, mapping, written(tmp_path, text))


async def test_a_gzip_that_is_cut_short_is_told_and_what_was_read_of_it_is_kept(desk: Desk, tmp_path: Path) -> None:
    rows = "\n".join(f"L{number};01.03.2025;" for number in range(3_000))
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(f"Listing;Since;Blocked\n{rows}\n".encode())[:-200])
    with pytest.raises(InputError, match="cannot be read on after line"):
        await imported(desk, CSV, str(path))
    assert await desk.size() in {1000, 2000}


async def test_no_more_refusals_are_told_than_a_person_reads(desk: Desk, tmp_path: Path) -> None:
    rows = "never;;\n" * (REFUSALS_TOLD + 5)
    result = await imported(desk, CSV, written(tmp_path, f"Listing;Since;Blocked\n{rows}"))
    assert (result.refused, len(result.refusals)) == (REFUSALS_TOLD + 5, REFUSALS_TOLD)


async def test_events_that_are_there_already_are_judged_with_those_of_the_file(desk: Desk, tmp_path: Path) -> None:
    await desk.tell(published("L1", time="2025-03-01T00:00:00Z"), block("L1", "R-L1", time="2025-03-02T00:00:00Z"))
    result = await imported(desk, CSV, written(tmp_path, "Listing;Since;Blocked\nL1;01.03.2025;05.03.2025\n"))
    assert [told.code for told in result.refusals] == ["invalid-event"]
    assert (result.new, result.size) == (1, 3)


async def test_a_mapping_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(CSV)
    assert load_mapping(str(path)) == parse_mapping(CSV)
    assert load_mapping("udrp").source == "/imports/udrp-artifacts"
    with pytest.raises(InputError, match="there is no mapping nobodys: give a path, or one of ours: udrp"):
        load_mapping("nobodys")
    path.write_text(CSV.replace("source", "sauce") + 'encoding = "martian"')
    with pytest.raises(InputError, match=r"mine.toml: /sauce: this member is not known"):
        load_mapping(str(path))


async def test_standard_input_is_read_for_a_hyphen(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_file(written(tmp_path, ROWS, "rows.csv.gz")) as piped, io.TextIOWrapper(piped) as text:
        monkeypatch.setattr("sys.stdin", text)
        assert (await imported(desk, CSV, "-")).new == 4


async def test_a_command_with_a_mapping_that_is_none_says_why_in_one_line_and_opens_nothing(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(CSV.replace("ListingBlocked", "ListingBlokced").replace("{Listing}", "{Lisitng}"))
    words = ("import", SHOP, written(tmp_path, ROWS), "--mapping", str(mapping), "--data", str(tmp_path / "data"))
    done = await jejak(*words)
    assert (done.code, done.output, done.errors.count("\n")) == (2, "", 1)
    assert "/events/1/type: there is no event type 'ListingBlokced'" in done.errors
    assert not (tmp_path / "data").exists()
