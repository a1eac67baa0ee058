"""Histories for soft rules: one stream, what stands around it, and which flags it has, without a database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ledger.domain import catalogue
from ledger.domain.calendar_days import Calendar
from ledger.domain.fact import Basis, Certainty, Fact, known
from ledger.domain.instants import Precision
from ledger.domain.policy import Policy
from ledger.intake import LogInfo
from projections.completeness.acknowledgement import Receipt
from projections.completeness.control_totals import Tally
from projections.deadlines.listing import Law
from projections.deadlines.rules import shipped_register, versions_of
from projections.flags.evaluation import Flag, flags_at, stages
from projections.flags.history import History
from projections.flags.rule import Submission, Surroundings
from projections.flags.table import RULES
from projections.inquiry import Known
from projections.moment import Moment
from tests.unit.domain.build import Story, moment

AS_OF = "2029-12-31T00:00:00Z"
LOG = LogInfo(
    log_id=1,
    slug="shop",
    kind="PLATFORM",
    timezone="UTC",
    jurisdiction="ID",
    data_class="CONFIDENTIAL",
    origin="test/shop",
    created=moment("2020-01-01T00:00:00Z"),
)
"""The log of every stream here."""

Case = tuple[str, "Chronicle", tuple[str, int, dict[str, Any]]]
"""A flag, a history that raises it, and one change of one event (stream, place, members) with which it does not."""


class Told(Struct, frozen=True):
    """One event of a history: `precision` and `latest` may stand among its data."""

    type: str
    time: str
    data: Mapping[str, Any]


class Chronicle(Struct, frozen=True, kw_only=True):
    """A stream, and other streams of its log. Events have ids by kind of stream: seller-1, seller-2, policy-1 ..."""

    subject: str
    events: tuple[Told, ...]
    others: tuple[tuple[str, tuple[Told, ...]], ...] = ()

    def changed(self, subject: str, index: int, **changes: Any) -> "Chronicle":  # noqa: ANN401 - any JSON value
        """Return the same with one event told otherwise: its `time`, or members of its data; None takes one away."""

        def retold(events: tuple[Told, ...]) -> tuple[Told, ...]:
            old = events[index]
            data = {name: value for name, value in {**old.data, **changes}.items() if value is not None}
            time = data.pop("time", old.time)
            return (*events[:index], Told(old.type, time, data), *events[index + 1 :])

        if subject == self.subject:
            return msgspec.structs.replace(self, events=retold(self.events))
        others = tuple((name, retold(told) if name == subject else told) for name, told in self.others)
        return msgspec.structs.replace(self, others=others)


def told(event_type: str, time: str = "2025-01-10T00:00:00Z", **data: Any) -> Told:  # noqa: ANN401 - any JSON value
    """Return one event of a history."""
    return Told(event_type, time, data)


def facts_of(subject: str, events: Sequence[Told], *, prompt: bool = True) -> list[Fact]:
    """Return a stream's events as recorded: when they took effect, or at the Story's own time."""
    story = Story(subject)
    kind = catalogue.kind_of(subject)
    for event in events:
        data = dict(event.data)
        precision: Precision = data.pop("precision", "INSTANT")
        story.tell(event.type, event.time, precision=precision, latest=data.pop("latest", None), **data)
    named = [msgspec.structs.replace(fact, id=f"{kind}-{fact.originator_version}") for fact in story.facts]
    return [msgspec.structs.replace(fact, recordedtime=fact.time) for fact in named] if prompt else named


def at(as_of: str, certainty: Certainty = "CERTAIN", basis: Basis = "LEDGER") -> Moment:
    """Return a moment."""
    return Moment(as_of=moment(as_of), known_at=None, tz="UTC", certainty=certainty, basis=basis, logs=())


def known_stream(recorded: Sequence[Fact], when: Moment, log: LogInfo = LOG) -> Known:
    """Return a stream as known."""
    facts = known(recorded, catalogue.decode_payload)
    return Known(log=log, subject=recorded[0].originator_id, recorded=recorded, facts=facts, moment=when)


def surroundings(streams: Iterable[Known]) -> Surroundings:
    """Return what stands around: every stream given, by all the ways in which rules ask for them."""
    listed = list(streams)
    kinds: dict[str, list[Known]] = {}
    receipts: dict[str, list[Receipt]] = {}
    for one in listed:
        kinds.setdefault(catalogue.kind_of(one.subject), []).append(one)
        for fact in one.facts:
            reference = getattr(fact.payload, "notice_ref", None) if fact.type == "NoticeReceived" else None
            reference = one.subject if fact.type == "OrderReceived" else reference
            if reference is not None:
                receipts.setdefault(reference, []).append(Receipt(log_id=one.log.log_id, fact=fact))
    return Surroundings(
        definitions={name: [one for one in listed if one.subject == name] for name in {one.subject for one in listed}},
        kinds=kinds,
        events={fact.id: fact for one in listed for fact in one.facts},
        receipts=receipts,
        law=law(listed),
        submissions=submissions(listed),
    )


def law(streams: Iterable[Known]) -> Law:
    """Return the law that these streams make, with the shipped register."""
    states = [one.state() for one in streams]
    policies = tuple(state for state in states if isinstance(state, Policy))
    calendars = {one.id: one for one in states if isinstance(one, Calendar)}
    return Law(calendars=calendars, rules=versions_of(shipped_register(), policies))


def submissions(streams: Sequence[Known]) -> dict[str, Submission]:
    """Return what closed periods come to; native numbers are missing where a period declares any: none are here."""
    found: dict[str, Submission] = {}
    for fact in (one for stream in streams for one in stream.facts if one.type == "SubmissionPeriodClosed"):
        tally = Tally(fact)
        for stream in streams:
            for one in stream.happened():
                tally.add(one)
        first, last = getattr(fact.payload, "first_native_seq", None), getattr(fact.payload, "last_native_seq", None)
        missing = None if first is None or last is None else max(0, last - first + 1)
        found[fact.id] = Submission(totals=tally.totals(), missing=missing)
    return found


def flags_in(chronicle: Chronicle, flag: str, as_of: str = AS_OF, certainty: Certainty = "CERTAIN") -> list[Flag]:
    """Return the flags of one name that a history's stream has now; nothing of the past is looked at."""
    when = at(as_of, certainty)
    stream = known_stream(facts_of(chronicle.subject, chronicle.events), when)
    others = [known_stream(facts_of(subject, events), when) for subject, events in chronicle.others]
    rules = [rule for rule in RULES if rule.flag == flag]
    return flags_at(History(stream), (), rules, surroundings([stream, *others]))


def flags_ever(recorded: Sequence[Fact], flag: str, when: Moment, others: Iterable[Known] = ()) -> list[Flag]:
    """Return the flags of one name that a stream has or had."""
    stream = known_stream(recorded, when)
    rules = [rule for rule in RULES if rule.flag == flag]
    return flags_at(History(stream), list(stages(stream)), rules, surroundings([stream, *others]))


def brief(flags: Iterable[Flag]) -> list[tuple[str, str]]:
    """Return status and event of each flag."""
    return [(flag.status, flag.event) for flag in flags]


def check_case(case: Case) -> None:
    """Check that a history raises its flag, once and for certain, and that the changed one does not."""
    flag, chronicle, (subject, index, changes) = case
    assert [one.status for one in flags_in(chronicle, flag)] == ["OPEN"]
    assert flags_in(chronicle.changed(subject, index, **changes), flag) == []
