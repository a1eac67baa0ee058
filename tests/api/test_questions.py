"""The questions that auditors and regulators ask (domain.md 12): what answers each, and those about the record itself.

One test for each question that a list, a state or a verdict answers, named after it, asks it at two moments or more
and compares the whole answers; the two must differ. They stand here and in the `test_questions_*.py` beside, by what
they are about. Q44 and Q46 are here.

`WAITS` says what a question without a test waits for, `RESTS` what a tested one leaves to be worked out of its list.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, Json, block, event, published, voided

QUESTIONS = range(1, 53)
ASKED = re.compile(r"^async def test_q(\d\d)_\w+\(", re.MULTILINE)
WAITS: Mapping[int, str] = {}
"""Questions that aggregates, access records, packs and jobs answer, and no list."""
RESTS: Mapping[int, str] = {
    39: "report R6 counts by size; no event names a province",
}
"""What is left of questions whose countable core is tested."""


def asked() -> list[int]:
    """Return the questions that are asked in a test, each as often as it is."""
    files = sorted(Path(__file__).parent.glob("test_questions*.py"))
    return sorted(int(number) for file in files for number in ASKED.findall(file.read_text()))


def test_every_question_is_asked_once_or_waits_for_what_will_answer_it() -> None:
    assert sorted([*asked(), *WAITS]) == list(QUESTIONS)
    assert set(RESTS) <= set(asked())


async def test_q44_whether_a_period_is_complete_by_control_totals_native_numbers_and_nil_returns(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk

    def closed(name: str, **data: Json) -> Event:
        return event(f"closed-{name}", "SubmissionPeriodClosed", "platform:shop", on("02-02"), **data)

    january: Event = {"period_start": "2026-01-01", "period_end": "2026-01-31"}
    before: Event = {"period_start": "2025-12-01", "period_end": "2025-12-31"}
    numbers: Event = {"first_native_seq": 1, "last_native_seq": 3}
    await record(
        desk,
        "02-02",
        block("L1", "R1", on("01-10")) | {"nativeseq": 1},
        block("L3", "R3", on("01-20")) | {"nativeseq": 3},
        closed("december", **before, nil_return=True),
        closed("january", **january, totals={"ListingBlocked": 3}),
        closed("january-by-number", **january, totals={}, **numbers),
    )
    await record(desk, "02-10", block("L2", "R2", on("01-15")) | {"nativeseq": 2})
    await record(desk, "02-20", block("L0", "R0", "2025-12-20T09:00:00+07:00"))

    async def complete(as_of: str, known_at: str) -> list[list[Row]]:
        query = {"as_of": as_of, "known_at": known_at}
        periods = await found(
            desk, "completeness", ("closed_by", "status", "totals", "missing"), kind="PERIOD", **query
        )
        gaps = await found(desk, "completeness", ("from", "to", "shown_by"), kind="SEQUENCE_GAP", **query)
        return [[(name, status, _difference(totals), missing) for name, status, totals, missing in periods], gaps]

    def answers(december: Row, january: Row, by_number: Row) -> list[Row]:
        rows = (("december", december), ("january", january), ("january-by-number", by_number))
        return [(f"closed-{name}", *row) for name, row in rows]

    nil: Row = ("COMPLETE", {}, None)
    whole: list[Row] = [("COMPLETE", {"ListingBlocked": 0}, None), ("COMPLETE", {}, 0)]
    short: list[Row] = [("INCOMPLETE", {"ListingBlocked": -1}, None), ("INCOMPLETE", {}, 1)]
    not_nil: Row = ("INCOMPLETE", {"ListingBlocked": 1}, None)
    assert await complete("02-02", "02-02") == [answers(nil, *short), [(2, 2, "block-L3-R3")]]
    assert await complete("02-02", "02-10") == [answers(nil, *whole), []]
    assert await complete("02-02", "02-20") == [answers(not_nil, *whole), []]
    assert await complete("02-01", "02-10") == [[], []]


def _difference(totals: Mapping[str, Json]) -> dict[str, Json]:
    return {name: total["difference"] for name, total in totals.items()}


async def test_q46_which_decisions_were_voided_after_an_appeal_against_them_was_filed(clocked_desk: Desk) -> None:
    desk = clocked_desk
    appeal: Event = {"target_event_id": "block-L1-R1"}
    await record(
        desk,
        "01-12",
        *(published(name, on("01-05")) for name in ("L1", "L2")),
        block("L1", "R1", on("01-10")),
        block("L2", "R2", on("01-10")),
        event("appeal", "AppealFiled", "appeal:shop:A1", on("01-12"), **appeal),
    )
    await record(
        desk,
        "01-20",
        voided("void-1", "listing:shop:L1", "block-L1-R1"),
        voided("void-2", "listing:shop:L2", "block-L2-R2"),
    )

    async def hidden(as_of: str, known_at: str) -> list[Row]:
        names = ("subject", "event", "status", "related")
        return await found(desk, "flags", names, as_of, known_at=known_at, flag="VOID_INSTEAD_OF_REVERSAL")

    void = ("L1", "void-1", "OPEN", ["block-L1-R1", "appeal"])
    assert await hidden("01-31", "01-15") == []
    assert await hidden("01-31", "01-20") == [void]
    assert await hidden("01-15", "01-20") == []
