"""Differences between two moments: each is named with the events that made it so, and with what corrected them."""

import asyncio
import contextlib
import io

import msgspec

from api.cli import main
from api.commands_diff import DIFFERENT, lines_of
from ledger.store import read_heads
from projections.diff import differences
from projections.moment import Moment, TimeParameters, resolve
from projections.replay import Manifest
from tests.api.asking import ZONE, day, on, record
from tests.api.desk import Desk, Event, Json, block, corrected, published, reinstated, voided

Cause = tuple[Json, ...]


async def told(desk: Desk) -> None:
    """Tell of four listings: L1 is blocked late, L2's price is corrected, L3's block is voided, L4 says nothing new."""
    await record(
        desk,
        "01-06",
        published("L1", on("01-05")),
        published("L2", on("01-05"), title="Sarung"),
        published("L3", on("01-05")),
        block("L3", "R3", on("01-06")),
        published("L4", on("01-05")),
    )
    await record(desk, "01-20", block("L1", "R1", on("01-10")))
    await record(desk, "01-21", corrected("fix", "listing:shop:L2", "pub-L2", data={"title": "Kain"}))
    await record(desk, "01-22", voided("void", "listing:shop:L3", "block-L3-R3"))


async def moment(desk: Desk, as_of: str, known_at: str) -> Moment:
    reader = desk.service.database.pool("reader")
    asked = TimeParameters(as_of=day(as_of), known_at=day(known_at), tz=ZONE)
    return await resolve(reader, asked, await read_heads(reader, ["shop"]))


async def compared(desk: Desk, one: tuple[str, str], other: tuple[str, str]) -> list[tuple[str, list[Cause]]]:
    """Return the streams that differ, with each cause as id, cause, late and what changed it."""
    before, after = await moment(desk, *one), await moment(desk, *other)
    manifest = Manifest(before, None, after)
    reader = desk.service.database.pool("reader")
    return [
        (item["subject"].rpartition(":")[2], [_cause(event) for event in item["events"]])
        async for item in differences(reader, before, after, manifest)
    ]


def _cause(event: dict[str, Json]) -> Cause:
    return (event["id"], event["cause"], event["late"], [change["id"] for change in event["corrections"]])


async def test_what_is_known_later_differs_by_late_corrected_and_voided_events(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await told(desk)
    late: Cause = ("block-L1-R1", "RECORDED", True, [])
    fixed: Cause = ("pub-L2", "CORRECTED", False, ["fix"])
    gone: Cause = ("block-L3-R3", "VOIDED", False, ["void"])
    assert await compared(desk, ("01-12", "01-12"), ("01-12", "01-22")) == [
        ("L1", [late]),
        ("L2", [fixed]),
        ("L3", [gone]),
    ]
    assert await compared(desk, ("01-12", "01-20"), ("01-12", "01-21")) == [("L2", [fixed])]
    assert await compared(desk, ("01-12", "01-22"), ("01-12", "01-12")) == [
        ("L1", [late]),
        ("L2", [fixed]),
        ("L3", [gone]),
    ]
    assert await compared(desk, ("01-12", "01-12"), ("01-12", "01-12")) == []


async def test_what_happened_between_two_dates_is_told_apart_from_what_was_learned_between(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await told(desk)
    assert await compared(desk, ("01-05", "01-22"), ("01-12", "01-22")) == [
        ("L1", [("block-L1-R1", "HAPPENED", False, [])])
    ]
    assert await compared(desk, ("01-05", "01-12"), ("01-12", "01-20")) == [
        ("L1", [("block-L1-R1", "RECORDED", False, [])]),
        ("L3", [("block-L3-R3", "HAPPENED", False, [])]),
    ]


async def test_a_difference_names_the_members_that_differ_and_a_stream_that_was_not_there_has_none(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await told(desk)
    await record(desk, "01-23", reinstated("L1", "R1", on("01-15")))
    before, after = await moment(desk, "01-12", "01-12"), await moment(desk, "01-12", "01-21")
    reader = desk.service.database.pool("reader")
    items = [item async for item in differences(reader, before, after, Manifest(before, None, after))]
    (title,) = (item for item in items if item["subject"] == "listing:shop:L2")
    assert (title["log"], title["kind"]) == ("shop", "listing")
    assert (title["before"], title["after"]) == ({"title": "Sarung"}, {"title": "Kain"})
    earliest = await moment(desk, "01-04", "01-22")
    (item, *_) = [item async for item in differences(reader, earliest, after, Manifest(earliest, None, after))]
    assert item["before"] is None
    assert "id" in item["after"]


async def test_the_command_prints_differences_with_their_causes_and_ends_with_1_where_there_are_any(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await told(desk)
    base = ("diff", "--database", str(desk.service.database.settings.database_url), "--log", "shop", "--tz", ZONE)
    question = ("--as-of", day("01-12"), "--known-at", day("01-20"), "--and-known-at", day("01-21"))
    code, output, errors = await jejak(*base, *question)
    fixed = (await desk.get("/v1/logs/shop/events/fix"))["recordedtime"]
    assert (code, output.splitlines()) == (
        DIFFERENT,
        [
            "shop listing:shop:L2",
            '  - title: "Sarung"',
            '  + title: "Kain"',
            "  by pub-L2 ListingPublished at 2026-01-05T02:00:00.000000Z: CORRECTED",
            f"     EventCorrected fix recorded {fixed}: CLERICAL",
        ],
    )
    manifest = msgspec.json.decode(errors)
    assert (manifest["subject_count"], manifest["and"]["logs"]["shop"]["size"]) == (1, 7)
    code, output, _ = await jejak(*base, *question, "--json")
    answer = msgspec.json.decode(output)
    assert (code, answer["manifest"]) == (DIFFERENT, manifest)
    assert [item["subject"] for item in answer["items"]] == ["listing:shop:L2"]
    sizes = ("--as-of", day("01-12"), "--size", "shop:6", "--and-size", "shop:7")
    assert (await jejak(*base, *sizes))[1].splitlines() == [
        "shop listing:shop:L2",
        '  - title: "Sarung"',
        '  + title: "Kain"',
        "  by pub-L2 ListingPublished at 2026-01-05T02:00:00.000000Z: CORRECTED",
        f"     EventCorrected fix recorded {fixed}: CLERICAL",
    ]
    same = ("--as-of", day("01-12"), "--known-at", day("01-12"), "--and-known-at", day("01-12"))
    assert (await jejak(*base, *same))[:2] == (0, "")


def test_a_stream_that_is_at_one_moment_only_is_printed_as_nothing_beside_what_it_is() -> None:
    event: Event = {
        "id": "e",
        "type": "ListingPublished",
        "at": "T",
        "cause": "RECORDED",
        "late": True,
        "corrections": [],
    }
    item: Event = {"log": "shop", "subject": "s", "before": None, "after": {"b": 1, "a": [2]}, "events": [event]}
    assert lines_of(item) == [
        "shop s",
        "  - (nothing)",
        "  + a: [2]",
        "  + b: 1",
        "  by e ListingPublished at T: RECORDED, late",
    ]


async def jejak(*words: str) -> tuple[int, str, str]:
    """Run a command to its end on a thread; return its exit code, what it printed, and its errors."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = await asyncio.to_thread(main, words)
    return code, output.getvalue(), errors.getvalue()
