"""What a report is: parts that work out sections, which are tables; and how it is answered (domain.md 13.1).

A report is pure but for what it reads through its inquiry. Everything in it is as known at the inquiry's moment, so
that corrections, voids and late events change it for those who know them, and the same sizes give the same bytes.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ledger.database import Pool
from ledger.errors import Fault, Refused
from projections.derived import Consulted
from projections.inquiry import Inquiry
from projections.metrics.definitions import definitions_of
from projections.window import Window

ROWS_MAX = 50_000
"""Rows that an answer holds at most: beyond, nobody reads it as a report. A narrower period has fewer."""
Row = dict[str, Any]
"""A line of a section, as JSON values. A figure may be an object, e.g. a rate; lists of rows have equal members."""
Sections = Mapping[str, Sequence[Row]]


class Asked:
    """What a report is asked: the inquiry, the period, and the report's own parameters.

    A part is worked out once, however many others build on it.
    """

    def __init__(
        self, inquiry: Inquiry, reader: Pool, period: Window, given: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Take the question, where proofs are read, the period, and what else was given, by parameter."""
        self.inquiry = inquiry
        self.reader = reader
        self.period = period
        self.given = given or {}
        self._worked_out: dict[tuple[str, ...], Sections] = {}

    def wants(self, name: str, value: object) -> bool:
        """Tell whether a value passes the parameter of this name; without the parameter all do."""
        return name not in self.given or value in self.given[name]

    def one(self, name: str) -> str | None:
        """Return the only value of a parameter, or None. Raises Refused when it is repeated."""
        values = self.given.get(name, ())
        if len(values) > 1:
            raise Refused((Fault("invalid-parameter", f"/{name}", "is given more than once"),))
        return values[0] if values else None

    async def sections_of(self, part: "Part") -> Sections:
        """Return what a part comes to."""
        if part.sections not in self._worked_out:
            self._worked_out[part.sections] = await part.work_out(self)
        return self._worked_out[part.sections]


class Part(Struct, frozen=True, kw_only=True):
    """Sections that are worked out together, from one reading."""

    sections: tuple[str, ...]
    work_out: Callable[[Asked], Awaitable[Sections]]


class Report(Struct, frozen=True, kw_only=True):
    """A report: its name in the path, what it answers, its parts, own parameters, and the metrics that it shows."""

    name: str
    id: str
    title: str
    answers: str
    parts: tuple[Part, ...]
    metrics: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    consults: Consulted = "REGISTERS"

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of its sections, in order."""
        return tuple(section for part in self.parts for section in part.sections)

    def describe(self) -> Row:
        """Return what it is, as JSON values."""
        return {
            "name": self.name,
            "id": self.id,
            "title": self.title,
            "answers": self.answers,
            "sections": list(self.sections),
            "parameters": dict(self.parameters),
            "definitions": definitions_of(self.metrics),
        }


async def work_out(report: Report, asked: Asked, wanted: Collection[str] = ()) -> Sections:
    """Return the wanted sections of a report, in its order; all of them where none is named.

    Raises:
        Refused: `unknown-section`; `too-many-rows` past ROWS_MAX; `use-a-replay` past what a question may read.
    """
    unknown = sorted(set(wanted) - set(report.sections))
    if unknown:
        detail = f"{unknown[0]} is none of {', '.join(report.sections)}"
        raise Refused((Fault("unknown-section", "/section", detail),))
    found: dict[str, Sequence[Row]] = {}
    for part in report.parts:
        if not wanted or not set(wanted).isdisjoint(part.sections):
            rows = await asked.sections_of(part)
            found |= {name: rows[name] for name in part.sections if not wanted or name in wanted}
    if sum(map(len, found.values())) > ROWS_MAX:
        detail = f"comes to more than {ROWS_MAX} rows: narrow it by period, log or section"
        raise Refused((Fault("too-many-rows", "/from", detail),))
    return found
