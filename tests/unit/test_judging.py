"""The decision alone: which requests of a commit stand, and where; a refused one leaves nothing to the next."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ledger.binary_copy import EventRow
from ledger.domain.catalogue import decode_payload
from ledger.domain.history import History
from ledger.domain.instants import format_instant
from ledger.entry import Draft, fact_of
from ledger.errors import Refused
from ledger.intake import Author, EventData, Intake, LogInfo, check_event
from ledger.judging import Accepted, Judge, Receipt, Ruling, Sealer
from ledger.tlog.merkle import leaf_hash
from tests.commits import commit

Json: TypeAlias = Any
"""Any JSON value."""

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AUTHOR = Author(authid="a", authrole="PLATFORM_WRITER")
LOG = LogInfo(
    log_id=4,
    slug="shop",
    kind="PLATFORM",
    timezone="UTC",
    jurisdiction=None,
    data_class="PUBLIC",
    origin="ledger/shop",
    created=NOW,
)


class Asked(Struct):
    """A request as the judge sees it."""

    drafts: Sequence[Draft]
    dry_run: bool = False
    refuse_repeats: bool = False


def draft(event_id: str, event_type: str = "ListingWithdrawn", listing: str = "A", **more: Json) -> Draft:
    """Return a checked event of a listing."""
    data = more.pop("data", {})
    event = {"specversion": "1.0", "id": event_id, "source": "/", "type": event_type, "subject": f"listing:s:{listing}"}
    (read,) = Intake().read_one(msgspec.json.encode({**event, "time": "2026-01-01T00:00:00Z", "data": data, **more}))
    assert isinstance(read, EventData), read
    return check_event(read, LOG, AUTHOR)


def block(event_id: str, restriction_id: str = "R1", listing: str = "A", **more: Json) -> Draft:
    """Return a block."""
    data = {"restriction_id": restriction_id, "decision_account": "DECISION_ACCOUNT_SUSPENDED"}
    return draft(event_id, "ListingBlocked", listing, data=data, **more)


def lift(event_id: str, restriction_id: str = "R1", listing: str = "A") -> Draft:
    """Return the end of a block."""
    return draft(
        event_id, "ListingReinstated", listing, time="2026-01-02T00:00:00Z", data={"restriction_id": restriction_id}
    )


def a_judge(size: int = 10, present: dict[str, Accepted] | None = None) -> tuple[Judge, dict[str, History]]:
    """Return a judge of a log of ten entries, none of them in these streams."""
    histories = {f"listing:s:{listing}": History(decode_payload) for listing in "ABC"}
    return Judge(size, NOW, present or {}, histories), histories


def judged(judge: Judge, requests: Sequence[Asked]) -> tuple[list[list[Receipt] | Refused], list[EventRow]]:
    """Return the answers of one commit, and its rows."""
    return commit(judge, requests, LOG.log_id, NOW)


def recorded(rows: Sequence[EventRow]) -> dict[str, Accepted]:
    """Return what a commit has stored, as a later one finds it."""
    return {
        row[4]: Accepted(position=row[1], version=row[2], recordedtime=row[3], leaf_hash=row[7], entry=row[8])
        for row in rows
    }


def told(answer: list[Receipt] | Refused) -> Json:
    """Return positions and versions of receipts, or index and code of faults."""
    if isinstance(answer, Refused):
        return [(fault.index, fault.code) for fault in answer.faults]
    return [(receipt.position, receipt.version, receipt.duplicate) for receipt in answer]


def test_places_are_given_in_order_of_requests() -> None:
    judge, _ = a_judge()
    requests = [Asked([block("a"), draft("b", listing="B")]), Asked([lift("c")])]
    answers, rows = judged(judge, requests)
    assert [told(answer) for answer in answers] == [[(10, 1, False), (11, 1, False)], [(12, 2, False)]]
    assert [(row[1], row[2], row[4]) for row in rows] == [(10, 1, "a"), (11, 1, "b"), (12, 2, "c")]
    assert [leaf_hash(row[8]) for row in rows] == [row[7] for row in rows]
    assert {row[3] for row in rows} == {NOW}
    first = answers[0]
    assert isinstance(first, list)
    assert first[0] == Receipt(
        id="a", position=10, version=1, recordedtime=format_instant(NOW), leaf_hash=rows[0][7].hex()
    )


def test_a_refused_request_leaves_its_place_to_the_next() -> None:
    judge, _ = a_judge()
    requests = [Asked([block("a"), lift("b", "R9")]), Asked([lift("c")]), Asked([block("d"), lift("e")])]
    answers, rows = judged(judge, requests)
    assert [told(answer) for answer in answers] == [
        [(1, "unknown-restriction")],
        [(0, "unknown-restriction")],
        [(10, 1, False), (11, 2, False)],
    ]
    assert [row[4] for row in rows] == ["d", "e"]


def test_a_dry_run_leaves_nothing_to_the_next() -> None:
    judge, _ = a_judge()
    requests = [Asked([block("a")], dry_run=True), Asked([lift("b")]), Asked([block("a")])]
    answers, rows = judged(judge, requests)
    assert [told(answer) for answer in answers] == [[(10, 1, False)], [(0, "unknown-restriction")], [(10, 1, False)]]
    assert [(row[1], row[4]) for row in rows] == [(10, "a")]


def test_an_id_stands_once_in_a_commit_and_in_the_log() -> None:
    judge, _ = a_judge()
    _, rows = judged(judge, [Asked([block("a")])])
    again, _ = a_judge(11, recorded(rows))
    requests = [
        Asked([block("a")]),
        Asked([block("a", "R2")]),
        Asked([block("b", "R2"), block("b", "R2"), block("b", "R3")]),
        Asked([block("b", "R2"), block("b", "R2")]),
        Asked([block("b", "R2")]),
        Asked([block("b", "R2")], refuse_repeats=True),
    ]
    assert [told(answer) for answer in judged(again, requests)[0]] == [
        [(10, 1, True)],
        [(0, "id-reused")],
        [(2, "id-reused")],
        [(11, 1, False), (11, 1, True)],
        [(11, 1, True)],
        [(0, "id-reused")],
    ]


def test_every_fault_of_a_request_is_told_in_order() -> None:
    judge, _ = a_judge()
    ahead = (NOW + timedelta(minutes=6)).isoformat()
    drafts = [
        lift("a", "R1"),
        draft("b", listing="B", time=ahead, sourcetime=ahead, causationid="nobody", expectedversion=3),
        lift("c", "R2"),
        lift("d", "R1", "C"),
    ]
    (answer,), rows = judged(judge, [Asked(drafts)])
    assert told(answer) == [
        (0, "unknown-restriction"),
        (1, "version-conflict"),
        (1, "future-not-allowed"),
        (1, "future-not-allowed"),
        (1, "unknown-reference"),
        (2, "unknown-restriction"),
        (3, "unknown-restriction"),
    ]
    assert rows == []


def test_a_cause_is_recorded_or_stands_before() -> None:
    judge, _ = a_judge()
    requests = [
        Asked([draft("a", causationid="b"), draft("b")]),
        Asked([draft("b"), draft("a", causationid="b")]),
        Asked([draft("c", causationid="a")]),
        Asked([draft("d", causationid="d")]),
    ]
    assert [told(answer) for answer in judged(judge, requests)[0]] == [
        [(0, "unknown-reference")],
        [(10, 1, False), (11, 2, False)],
        [(12, 3, False)],
        [(0, "unknown-reference")],
    ]


def test_a_test_clock_must_go_on() -> None:
    for last, code in ((NOW - timedelta(microseconds=1), None), (NOW, "recordedtime-not-later")):
        histories = {"listing:s:A": History(decode_payload)}
        (answer,), _ = judged(Judge(10, NOW, {}, histories, last), [Asked([block("a")])])
        assert told(answer) == ([(0, code)] if code else [(10, 1, False)])


STEPS = st.tuples(
    st.sampled_from([block, lift]), st.integers(1, 6), st.sampled_from(["R1", "R2"]), st.sampled_from("AB")
)


@settings(deadline=None)
@given(requests=st.lists(st.tuples(st.lists(STEPS, min_size=1, max_size=4), st.booleans()), max_size=6))
def test_requests_in_one_commit_are_judged_as_if_each_had_one_of_its_own(requests: list[Any]) -> None:
    asked = [
        Asked([make(f"e{number}", restriction, listing) for make, number, restriction, listing in steps], dry_run=dry)
        for steps, dry in requests
    ]
    together, _ = a_judge(0)
    answers, stored = judged(together, asked)
    at_once = [told(answer) for answer in answers]
    alone: list[Any] = []
    present: dict[str, Accepted] = {}
    _, histories = a_judge()
    rows: list[Any] = []
    for request in asked:
        (answer,), new = judged(Judge(len(rows), NOW, present, histories), [request])
        alone.append(told(answer))
        present |= recorded(new)
        rows += new
    assert at_once == alone
    assert stored == rows
    assert [fact_of(row[8]).position for row in rows] == list(range(len(rows)))


@settings(deadline=None)
@given(requests=st.lists(st.lists(STEPS, min_size=1, max_size=4), max_size=6))
def test_what_is_decided_ahead_stands_by_a_later_instant_too(requests: list[Any]) -> None:
    numbers = count()
    asked = [
        Asked([make(f"e{next(numbers)}", restriction, listing) for make, _, restriction, listing in steps])
        for steps in requests
    ]
    end, (_, histories) = 10, a_judge()
    ahead: list[Any] = []
    for request in asked:
        ruling = Judge(end, NOW - timedelta(hours=1), {}, histories, ahead=True).judge(request)
        end = end if isinstance(ruling, Refused) else ruling.end
        ahead.append(ruling)
    answers, rows = judged(a_judge()[0], asked)
    assert [isinstance(ruling, Refused) for ruling in ahead] == [isinstance(answer, Refused) for answer in answers]
    stand = [ruling for ruling in ahead if isinstance(ruling, Ruling)]
    assert list(Sealer(LOG.log_id, stand, NOW).rows()) == rows


def test_what_has_no_time_but_its_commits_or_names_a_cause_elsewhere_is_not_decided_ahead() -> None:
    void = {"target_event_id": "a", "reason_code": "CLERICAL", "approved_by": "team:1"}
    for later in (draft("v", "EventVoided", data=void), draft("c", causationid="a")):
        _, histories = a_judge()
        first = Judge(10, NOW, {}, histories, ahead=True).judge(Asked([block("a")]))
        ahead = Judge(11, NOW, {}, histories, ahead=True).judge(Asked([later]))
        under_the_lock = a_judge()[0].judge(Asked([block("a"), later]))
        assert [isinstance(one, Ruling) for one in (first, ahead, under_the_lock)] == [True, False, True]
