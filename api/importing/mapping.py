"""Mappings: how the rows of an export become events, declared in TOML. Pure.

    format = "csv"                      # or "ndjson": an object a line
    columns = ["no", "sold", "state"]   # what is read of a row; a CSV file must have them all in its header
    source = "/shop/export"             # the CloudEvents source of every event
    timezone = "Asia/Jakarta"           # of dates without an offset (default: the log's)
    delimiter = ";"                     # of CSV (default a comma)
    encoding = "cp1252"                 # of CSV (default UTF-8, with or without a byte order mark)

    [codes.states]                      # a code map: what the export says = what the ledger says
    "taken down" = "REMOVED"
    "*" = "OTHER"                       # anything else; without it, such a row is bad

    [[events]]                          # each row makes each of these, in this order
    type = "ListingPublished"
    id = "shop:{no|escape}:published"   # made from the row, so that importing it again adds nothing
    subject = "listing:shop:{no}"
    time = { column = "sold", formats = ["%d.%m.%Y"] }
    when = [{ column = "state", one_of = ["live", "taken down"] }]
    [events.data]
    category = "{category}"

A *reference* names a column, or, where rows have objects or lists, is a JSON pointer (RFC 6901) whose first step is a
column: `/seller/country`. A text is a *template*: `{reference}` is what the row has there, `{reference|lower}` passes
it through filters (see `templates`), and `{{` is a brace. In `data`, a template of which something is missing leaves
its member out, and so does a table or a list that comes out empty; in `id` and `subject` it makes the row bad.

A table with `column` in `data` is a *value*: see `Value`. Every other table is an object of the event's data.
A time says how exactly it is known: see `Date`. `when` lists conditions that must all hold: see `Condition`.
"""

import tomllib
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from ledger.domain.instants import Precision
from ledger.errors import InputError
from ledger.shape import faults_of

PROBLEMS_SHOWN = 20
"""Problems of a mapping that are told at once: a person mends some and asks again."""
EVENTS_MAX = 50
"""Events of one row: a mapping with more is meant for several files."""
Scalar: TypeAlias = str | int | bool
Table = TypeVar("Table", bound=Struct)
Reference = Annotated[str, Meta(min_length=1, max_length=200)]


class MappingError(InputError):
    """A mapping cannot be used. `problems` are all that is wrong with it: (place, what and what to do)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        more = len(problems) - PROBLEMS_SHOWN
        told = [f"{place or 'mapping'}: {detail}" for place, detail in problems[:PROBLEMS_SHOWN]]
        super().__init__("; ".join([*told, f"and {more} more"] if more > 0 else told))
        self.problems = problems


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold of a row: exactly one of `present`, `equals` and `one_of`. Blank cells are not present."""

    column: Reference
    present: bool | None = None
    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None


class Date(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something was.

    `formats` are tried in order: those of strptime, `unix` (seconds since 1970) and `unix-milliseconds`; without any
    it is ISO 8601. `precision` is what the format has (a format without hours is a DAY) unless it is coarser.
    """

    column: Reference
    formats: tuple[str, ...] = ()
    precision: Precision | None = None
    timezone: str | None = None


class Value(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of an event's data, made of one column.

    In this order: `when` a condition fails, or the row has nothing, it is `default`, or left out, or, if it is
    `required`, the row is bad; a text is `split` into a list; `codes` names a map that each element goes through;
    `type` reads it as `text`, `integer` (of a decimal with `scale` digits: 12.50 with scale 2 is 1250), `date` or
    `instant` (with `formats` and `timezone` as in `Date`).
    """

    column: Reference
    when: tuple[Condition, ...] = ()
    default: Any = None
    required: bool = False
    split: Annotated[str, Meta(min_length=1)] | None = None
    codes: str | None = None
    type: Literal["text", "integer", "date", "instant"] | None = None
    scale: Annotated[int, Meta(ge=0, le=6)] = 0
    formats: tuple[str, ...] = ()
    timezone: str | None = None


class EventMapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event that a row makes, if its conditions hold. `data` is compiled by itself: see `values`."""

    type: str
    id: str
    subject: str
    time: Date
    timelatest: Date | None = None
    sourcetime: Date | None = None
    correlationid: str | None = None
    causationid: str | None = None
    when: tuple[Condition, ...] = ()
    data: dict[str, Any] = {}


class Mapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the rows of an export become events."""

    format: Literal["csv", "ndjson"]
    columns: Annotated[tuple[str, ...], Meta(min_length=1)]
    source: str
    events: Annotated[tuple[EventMapping, ...], Meta(min_length=1, max_length=EVENTS_MAX)]
    timezone: str | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    codes: dict[str, dict[str, Any]] = {}


def parse_mapping(text: str) -> Mapping:
    """Return the mapping that a TOML text declares. What it means is checked when it is compiled.

    Raises MappingError: no TOML (with the line), or members that are unknown, missing or of the wrong kind.
    """
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError([("", f"is no TOML: {error}")]) from error
    return read_table(value, Mapping, "")


def read_table(value: Any, shape: type[Table], place: str) -> Table:  # noqa: ANN401 - decoded TOML
    """Return a decoded table as this Struct. Raises MappingError with everything that is wrong with it."""
    faults = faults_of(value, shape, place)
    if faults:
        raise MappingError([(fault.pointer, fault.detail) for fault in faults])
    return msgspec.convert(value, shape)
