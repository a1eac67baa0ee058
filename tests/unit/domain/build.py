"""Builds the recorded events of one stream, as the domain sees them."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ledger.domain import catalogue
from ledger.domain.corrections import CorrectionSet, EventCorrected, EventVoided
from ledger.domain.fact import Basis, Certainty, Fact, known
from ledger.domain.instants import Precision, parse_instant
from ledger.domain.payload import Payload, RuleKey
from ledger.domain.rules import Breach
from ledger.domain.stream import State, Stream

FIRST_RECORDED = parse_instant("2030-01-01T00:00:00Z")


def payload(event_type: str, **data: object) -> Payload:
    """Read an event's data as a client would send it."""
    return catalogue.decode_payload(event_type, 1, msgspec.json.encode(data))


class Story:
    """What is told of one subject, event after event; a second after each other by the ledger's clock."""

    def __init__(self, subject: str, timezone: str = "UTC") -> None:
        self.stream: Stream = catalogue.STREAMS[catalogue.kind_of(subject)]
        self.facts: list[Fact] = []
        self._subject = subject
        self._timezone = timezone

    def tell(
        self,
        event_type: str,
        time: str = "2030-01-01T00:00:00Z",
        *,
        precision: Precision = "INSTANT",
        latest: str | None = None,
        **data: object,
    ) -> Fact:
        """Record one more event; its id is e1, e2, e3 ... in the order told."""
        return self.record(payload(event_type, **data), time, precision=precision, latest=latest)

    def record(
        self, content: Payload, time: str, *, precision: Precision = "INSTANT", latest: str | None = None
    ) -> Fact:
        """Record one more event whose payload is made already."""
        position = len(self.facts)
        fact = Fact(
            originator_id=self._subject,
            originator_version=position + 1,
            sequence=f"{position:020d}",
            id=f"e{position + 1}",
            type=content.event_type,
            dataschema=f"/schemas/{content.event_type}/{content.class_version}",
            time=parse_instant(time),
            timelatest=None if latest is None else parse_instant(latest),
            precision=precision,
            timezone=self._timezone,
            recordedtime=FIRST_RECORDED + timedelta(seconds=position),
            sourcetime=None,
            payload=content,
            data=msgspec.Raw(msgspec.json.encode(content, order="sorted")),
        )
        self.facts.append(fact)
        return fact

    def correct(self, target: Fact, **changes: object) -> Fact:
        """Record that an event was recorded wrongly."""
        change = msgspec.convert(changes, CorrectionSet)
        content = EventCorrected(target_event_id=target.id, set=change, reason_code="SOURCE_ERROR")
        return self.record(content, "2030-01-01T00:00:00Z")

    def void(self, target: Fact) -> Fact:
        """Record that an event should never have been recorded."""
        return self.record(EventVoided(target_event_id=target.id, reason_code="DUPLICATE"), "2030-01-01T00:00:00Z")

    def known(self, events: int | None = None) -> list[Fact]:
        """Return what the first `events` of the story, or all, let one know."""
        return known(self.facts[:events], catalogue.decode_payload)

    def state(
        self,
        as_of: str = "2029-12-31T00:00:00Z",
        certainty: Certainty = "CERTAIN",
        *,
        events: int | None = None,
        basis: Basis = "LEDGER",
    ) -> State | None:
        """Return the state then."""
        return self.stream.fold(self.known(events), parse_instant(as_of), certainty, basis)

    def described(
        self, as_of: str = "2029-12-31T00:00:00Z", certainty: Certainty = "CERTAIN", *, events: int | None = None
    ) -> dict[str, Any]:
        """Return what is said of the state then, as JSON; empty before anything happened."""
        state = self.state(as_of, certainty, events=events)
        described = {} if state is None else self.stream.describe(state, moment(as_of))
        return msgspec.json.decode(msgspec.json.encode(described), type=dict[str, Any])

    def breach(self) -> tuple[str, str, str] | None:
        """Judge the whole story: (code, pointer, event) of the first broken hard rule."""
        keyed: dict[RuleKey, list[Fact]] = {}
        for fact in self.known():
            for key in fact.payload.rule_keys():
                keyed.setdefault(key, []).append(fact)
        for key, facts in keyed.items():
            breach: Breach | None = self.stream.rules[key.rule](facts)
            if breach is not None:
                return breach.code, breach.pointer, breach.event_id
        return None


def moment(text: str) -> datetime:
    """Read an instant."""
    return parse_instant(text)
