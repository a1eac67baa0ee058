"""What the hard rules are judged on: taken in, judged, taken back without a trace; corrections and voids."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.catalogue import CORRECTIONS, RULED, STREAMS, decode_payload
from ledger.domain.fact import Fact
from ledger.domain.history import Depth, History, is_future
from ledger.domain.instants import parse_instant
from ledger.domain.payload import RuleKey, TimeClass
from ledger.domain.rules import IMPOSSIBLE
from tests.unit.domain.build import Story

REMOVED = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
RULES = STREAMS["listing"].rules


def tell(story: Story, kind: str, number: int, day: int) -> Fact:
    """Record one event of a listing, by a word for each kind."""
    time = f"2026-01-{day:02d}T00:00:00Z"
    restriction_id = f"R{number}"
    match kind:
        case "block":
            return story.tell("ListingBlocked", time, restriction_id=restriction_id, decision_visibility=REMOVED)
        case "lift":
            return story.tell("ListingReinstated", time, restriction_id=restriction_id)
        case "amend":
            change = {"end_at": "2030-01-01T00:00:00Z"}
            return story.tell("RestrictionAmended", time, restriction_id=restriction_id, set=change)
        case "void":
            return story.tell("EventVoided", time, target_event_id=f"e{number}", reason_code="CLERICAL")
        case "move":
            change = {"time": f"2026-02-{day:02d}T00:00:00Z"}
            return story.tell("EventCorrected", time, target_event_id=f"e{number}", set=change, reason_code="CLERICAL")
        case _:
            return story.tell("ListingPublished", time)


def inside(history: History) -> dict[str, Any]:
    """Return everything that a history holds; nothing held is the same however it is said."""
    return {name: deepcopy(getattr(history, name)) or None for name in History.__struct_fields__ if name != "_decode"}


def judged(*requests: Sequence[tuple[str, int, int]]) -> tuple[History, list[tuple[str, str, str]]]:
    """Take requests in; return the history and (code, pointer, event) of what is wrong with the last."""
    story, history = Story("listing:shop:A"), History(decode_payload)
    for number, request in enumerate(requests, 1):
        taken = [history.take(tell(story, *step)) for step in request]
        breaches = [*filter(None, taken), *history.judge(RULES)]
        if number == len(requests):
            return history, [(breach.code, breach.pointer, breach.event_id) for breach in breaches]
        assert breaches == []
        history.settle()
    raise AssertionError("no request")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["block", "lift", "amend", "void", "move", "publish"]), st.integers(1, 5), st.integers(1, 28)
    ),
    max_size=8,
)


@settings(deadline=None)
@given(settled=STEPS, tried=STEPS)
def test_what_is_taken_back_leaves_no_trace(
    settled: list[tuple[str, int, int]], tried: list[tuple[str, int, int]]
) -> None:
    story, history = Story("listing:shop:A"), History(decode_payload)
    for step in settled:
        history.take(tell(story, *step))
    history.settle()
    before = inside(history)
    for step in tried:
        history.take(tell(story, *step))
    history.judge(RULES)
    history.take_back()
    assert inside(history) == before


@settings(deadline=None)
@given(requests=st.lists(STEPS, max_size=4))
def test_a_history_loaded_from_the_log_is_the_one_that_was_kept(requests: list[list[tuple[str, int, int]]]) -> None:
    story, kept = Story("listing:shop:A"), History(decode_payload)
    stored: list[Fact] = []
    for request in requests:
        mark = len(story.facts)
        breaches = [kept.take(tell(story, *step)) for step in request]
        if any(breaches) or kept.judge(RULES):
            kept.take_back()
            del story.facts[mark:]
        else:
            kept.settle()
            stored = list(story.facts)
    loaded = History(decode_payload)
    loaded.load(stored, len(stored))
    assert loaded.version == kept.version
    assert inside(loaded)["_known"] == inside(kept)["_known"]
    keyed: dict[RuleKey, list[str]] = inside(kept)["_keyed"] or {}
    for key, members in keyed.items():
        assert sorted(inside(loaded)["_keyed"][key]) == sorted(members)


def recalled(history: History, facts: Sequence[Fact], stored: Sequence[Fact]) -> None:
    """Let a history hold what is stored and was let go that these facts are to be judged by."""
    keys = {key for fact in facts for key in fact.payload.rule_keys()}
    versions = history.missing(keys)
    history.recall(keys, [fact for fact in stored if fact.originator_version in versions])


@settings(deadline=None)
@given(requests=st.lists(STEPS, max_size=6))
def test_a_history_that_lets_go_of_its_events_judges_as_one_that_holds_them(
    requests: list[list[tuple[str, int, int]]],
) -> None:
    story, holding, letting_go = Story("listing:shop:A"), whole(), whole()
    stored: list[Fact] = []
    for request in requests:
        facts = [tell(story, *step) for step in request]
        if any(fact.type in CORRECTIONS for fact in facts):
            letting_go = whole()
            letting_go.load(stored, len(stored))
        recalled(letting_go, facts, stored)
        breaches, same = (
            [*filter(None, map(history.take, facts)), *history.judge(RULES)] for history in (holding, letting_go)
        )
        assert breaches == same
        if breaches:
            holding.take_back()
            letting_go.take_back()
            del story.facts[len(stored) :]
        else:
            assert holding.settle() == letting_go.settle()
            stored = list(story.facts)
        letting_go.let_go()
        assert (letting_go.version, letting_go.weight) == (len(stored), holding.weight)
    read = whole(Depth.RULED)
    read.load([fact for fact in stored if fact.type in RULED], len(stored))
    assert inside(read)["_places"] == inside(letting_go)["_places"] == inside(holding)["_places"]


def whole(depth: Depth = Depth.WHOLE) -> History:
    return History(decode_payload, RULED, depth)


def test_what_is_let_go_is_recalled_before_another_event_is_judged_by_it() -> None:
    story, history = Story("listing:shop:A"), whole()
    for number in (1, 2):
        history.take(tell(story, "block", number, 1))
        history.settle()
    history.let_go()
    end, key = tell(story, "lift", 2, 2), RuleKey("restriction", "R2")

    assert (inside(history)["_known"], history.depth, history.missing([key])) == (None, Depth.RULED, {2})
    with pytest.raises(LookupError, match="R2"):
        history.take(end)
    history.take_back()
    history.recall([key], [story.facts[1]])
    assert (history.missing([key]), list(inside(history)["_known"])) == (set(), ["e2"])
    assert (history.take(end), history.judge(RULES), history.version) == (None, [], 3)


@pytest.mark.parametrize("kind", ["move", "void"])
def test_what_changes_an_event_is_recalled_with_it(kind: str) -> None:
    story, history = Story("listing:shop:A"), whole()
    for step in (("block", 1, 1), (kind, 1, 5)):
        assert history.take(tell(story, *step)) is None
        history.settle()
    known = inside(history)["_known"]
    history.let_go()
    keys = story.facts[0].payload.rule_keys()

    assert history.missing(keys) == {1, 2}
    history.recall(keys, story.facts)
    assert inside(history)["_known"] == known


def test_of_an_event_with_two_keys_that_is_recalled_for_one_the_other_is_not_whole() -> None:
    story, history = Story("party:p1"), whole()
    history.take(story.tell("PartyRegistered", kind="NATURAL", subject_id="subject:s1"))
    history.take(story.tell("PartyIdentifierAdded", scheme="NIB", value="1234567890123"))
    both = registration, privacy = story.facts[0].payload.rule_keys()
    history.settle()
    history.let_go()
    history.recall([registration], story.facts[:1])

    assert [history.missing([key]) for key in both] == [set(), {1, 2}]
    assert history.version == 2
    history.recall([privacy], story.facts)
    assert [history.missing([key]) for key in both] == [set(), set()]
    assert inside(history)["_keyed"] == {registration: ["e1"], privacy: ["e1", "e2"]}


def test_a_restriction_begins_is_amended_and_ends_once() -> None:
    assert judged([("block", 1, 1), ("amend", 1, 2), ("lift", 1, 3)])[1] == []
    pointer = "/data/restriction_id"
    assert judged([("block", 1, 1)], [("block", 1, 2)])[1] == [("invalid-event", pointer, "e2")]
    assert judged([("lift", 1, 3)])[1] == [("unknown-restriction", pointer, "e1")]
    assert judged([("block", 1, 1), ("lift", 1, 3)], [("lift", 1, 4)])[1] == [("unknown-restriction", pointer, "e3")]
    assert judged([("block", 1, 5)], [("lift", 1, 4)])[1] == [(IMPOSSIBLE, "/time", "e2")]


def test_every_key_that_is_broken_is_told() -> None:
    pointer = "/data/restriction_id"
    assert judged([("lift", 1, 3), ("lift", 2, 3), ("block", 3, 1), ("lift", 3, 2)])[1] == [
        ("unknown-restriction", pointer, "e1"),
        ("unknown-restriction", pointer, "e2"),
    ]


def test_voiding_a_beginning_whose_end_stands_is_impossible_unless_both_are_voided_at_once() -> None:
    told = [("block", 1, 1), ("lift", 1, 3)]
    assert judged(told, [("void", 1, 5)])[1] == [(IMPOSSIBLE, "", "e3")]
    assert judged(told, [("void", 1, 5), ("void", 2, 5)])[1] == []
    assert judged(told, [("void", 2, 5), ("void", 1, 5)])[1] == []
    assert judged(told, [("void", 2, 5)], [("void", 1, 5)])[1] == []


def test_a_void_frees_the_restriction_id() -> None:
    assert judged([("block", 1, 1)], [("void", 1, 5)], [("block", 1, 2), ("lift", 1, 3)])[1] == []


def test_a_correction_that_makes_the_timeline_impossible_is_to_blame() -> None:
    assert judged([("block", 1, 1), ("lift", 1, 3)], [("move", 1, 5)])[1] == [(IMPOSSIBLE, "", "e3")]
    assert judged([("block", 1, 1), ("lift", 1, 3)], [("move", 2, 5)])[1] == []


def test_to_correct_a_correction_the_original_is_corrected_again() -> None:
    history, breaches = judged([("block", 1, 1)], [("move", 1, 5)], [("move", 1, 7)])
    assert breaches == []
    known = inside(history)["_known"]["e1"]
    assert known.time == parse_instant("2026-02-07T00:00:00Z")
    assert judged([("block", 1, 1)], [("move", 1, 5)], [("move", 2, 7)])[1] == [
        ("invalid-event", "/data/target_event_id", "e3")
    ]
    assert judged([("block", 1, 1)], [("move", 1, 5)], [("void", 2, 7)])[1] == [
        ("invalid-event", "/data/target_event_id", "e3")
    ]


@pytest.mark.parametrize("kind", ["move", "void"])
def test_what_was_voided_is_neither_corrected_nor_voided_again(kind: str) -> None:
    unknown = [("unknown-reference", "/data/target_event_id", "e3")]
    assert judged([("block", 1, 1)], [("void", 1, 5)], [(kind, 1, 7)])[1] == unknown
    assert judged([("block", 1, 1)], [("void", 1, 5), (kind, 1, 7)])[1] == unknown


@pytest.mark.parametrize("kind", ["move", "void"])
def test_what_is_not_of_the_stream_is_not_corrected(kind: str) -> None:
    assert judged([("block", 1, 1)], [(kind, 4, 7)])[1] == [("unknown-reference", "/data/target_event_id", "e2")]


CHANGES: list[tuple[dict[str, Any], str | None]] = [
    ({"data": {"decision_facts": "otherwise"}}, None),
    ({"data": {"decision_facts": None}}, None),
    ({"timelatest": "2026-01-02T00:00:00Z"}, None),
    ({"timelatest": None}, None),
    ({"timeprecision": "YEAR"}, None),
    ({"timezone": "Asia/Makassar"}, None),
    ({"data": {"restriction_id": "R2"}}, "/data/set"),
    ({"data": {"restriction_id": None}}, "/data/set"),
    ({"data": {"decision_visibility": None}}, "/data/set"),
    ({"data": {"colour": "red"}}, "/data/set"),
    ({"timelatest": "2025-12-31T00:00:00Z"}, "/data/set"),
    ({"timezone": "Asia/Atlantis"}, "/data/set"),
    ({"time": "9999-12-31T00:00:00Z"}, "/data/set"),
    ({"time": "2030-01-01T00:05:02Z"}, "/data/set/time"),
    ({"time": "2030-01-01T00:05:01Z"}, None),
]


@pytest.mark.parametrize(("change", "pointer"), CHANGES)
def test_a_corrected_event_must_be_a_valid_event(change: dict[str, Any], pointer: str | None) -> None:
    story, history = Story("listing:shop:A", "Asia/Jakarta"), History(decode_payload)
    first = story.tell("ListingBlocked", "2026-01-01T00:00:00Z", restriction_id="R1", decision_visibility=REMOVED)
    history.take(first)
    history.settle()
    before = inside(history)
    breach = history.take(story.tell("EventCorrected", target_event_id="e1", set=change, reason_code="CLERICAL"))
    assert (breach.pointer if breach else None) == pointer
    if breach is not None:
        history.take_back()
        assert inside(history) == before


def test_corrections_add_up_and_the_last_wins() -> None:
    story, history = Story("listing:shop:A"), History(decode_payload)
    history.take(story.tell("ListingPublished", "2026-01-01T00:00:00Z", title="one", brand="b", category_code="c"))
    for change in ({"title": "two", "brand": None}, {"title": "three"}, {"cluster": "FASHION"}):
        fact = story.tell("EventCorrected", target_event_id="e1", set={"data": change}, reason_code="CLERICAL")
        assert history.take(fact) is None
    known = inside(history)["_known"]["e1"]
    assert msgspec.json.decode(known.data) == {"title": "three", "category_code": "c", "cluster": "FASHION"}
    assert bytes(known.data) == msgspec.json.encode(known.payload, order="sorted")


def test_only_acts_receipts_and_statements_may_not_lie_ahead() -> None:
    now = parse_instant("2026-01-01T00:00:00Z")
    for time_class in TimeClass:
        bound = time_class not in {TimeClass.LEGAL_EFFECT, TimeClass.LEDGER}
        assert not is_future(time_class, now + timedelta(minutes=5), now)
        assert is_future(time_class, now + timedelta(minutes=5, microseconds=1), now) == bound
