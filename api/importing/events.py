"""Events of rows: what a compiled mapping makes of each. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from api.importing.conditions import Test, all_hold
from api.importing.dates import DateReader, Known
from api.importing.references import Row, RowFault, RowReference
from api.importing.templates import Template
from api.importing.values import Members
from ledger.domain.instants import format_instant


@dataclass(frozen=True, slots=True)
class TimeMaker:
    """Reads when something was from one column."""

    reference: RowReference
    reader: DateReader

    def find(self, row: Row) -> Known | None:
        """Return when it was; None where the row does not say. Raises RowFault."""
        found = self.reference.find(row)
        return None if found is None else self.reader.read(found, str(self.reference))

    def require(self, row: Row) -> Known:
        """Return when it was. Raises RowFault where the row does not say."""
        known = self.find(row)
        if known is None:
            raise RowFault("missing-value", f"time: the row has no {self.reference}")
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMaker:
    """Makes one event of each row for which its tests hold. `texts` and `instants` are attributes that may lack."""

    type: str
    event_id: Template
    subject: Template
    time: TimeMaker
    instants: Mapping[str, TimeMaker]
    texts: Mapping[str, Template]
    tests: tuple[Test, ...]
    data: Members

    def make(self, row: Row, source: str) -> dict[str, Any]:
        """Return the event, as a client sends it. Raises RowFault."""
        known = self.time.require(row)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.event_id.require(row, "id"),
            "source": source,
            "type": self.type,
            "subject": self.subject.require(row, "subject"),
            "time": format_instant(known.time),
            "timeprecision": known.precision,
            "timezone": self.time.reader.zone_name,
            "data": self.data.make(row) or {},
        }
        for name, maker in self.instants.items():
            moment = maker.find(row)
            if moment is not None:
                event[name] = format_instant(moment.time)
        for name, template in self.texts.items():
            text = template.fill(row)
            if text is not None:
                event[name] = text
        return event


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMapper:
    """A compiled mapping. `columns` are those that it reads."""

    source: str
    events: tuple[EventMaker, ...]
    columns: frozenset[str]

    def events_of(self, row: Row) -> Iterator[bytes | RowFault]:
        """Yield what a row comes to, in the mapping's order: an event's JSON, or what is wrong with it.

        Each stands alone: of a row with one bad date, the other events are kept.
        """
        for event in self.events:
            if not all_hold(event.tests, row):
                continue
            try:
                yield msgspec.json.encode(event.make(row, self.source))
            except RowFault as fault:
                yield fault
