"""Compiling a mapping: everything that can be said against it is said before the first row is read. Pure."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from api.importing.conditions import Test, compile_condition
from api.importing.dates import DateReader, check_format, coarser, write_date, write_instant
from api.importing.events import EventMaker, RowMapper, TimeMaker
from api.importing.mapping import Condition, Date, EventMapping, Mapping, MappingError, Value, read_table
from api.importing.references import RowReference, parse_reference
from api.importing.templates import Template, parse_template, text_of
from api.importing.values import Column, Constant, Items, Maker, Members, Text, as_date, as_integer, as_it_is
from ledger.domain.catalogue import EVENTS, STREAMS, kind_of, may_have
from ledger.domain.instants import Precision, zone
from ledger.domain.json_values import is_array, is_object
from ledger.shape import escaped

NOTHING = Template(())


def compile_mapping(mapping: Mapping, log_zone: str) -> RowMapper:
    """Return what makes events of rows, for a log whose days are meant in `log_zone`.

    Raises MappingError with every problem: references to columns that are not declared, templates and formats that do
    not parse, event types, members, code maps and zones that do not exist.
    """
    compiler = Compiler(mapping, log_zone)
    events = tuple(compiler.event(event, f"/events/{index}") for index, event in enumerate(mapping.events))
    if compiler.problems:
        raise MappingError(compiler.problems)
    return RowMapper(source=mapping.source, events=events, columns=frozenset(compiler.used))


class Compiler:
    """Compiles one mapping. `problems` are what was found wrong: (place, detail); `used` the columns that are read."""

    def __init__(self, mapping: Mapping, log_zone: str) -> None:
        """Take the mapping and the zone of the log."""
        self.problems: list[tuple[str, str]] = []
        self.used: set[str] = set()
        self._mapping = mapping
        self._zone = self.zone(mapping.timezone or log_zone, "/timezone")

    def event(self, event: EventMapping, place: str) -> EventMaker:
        """Compile one event."""
        shape = EVENTS.get(event.type)
        subject = self.template(event.subject, f"{place}/subject")
        if shape is None:
            self.complain(f"{place}/type", f"there is no event type {event.type!r}: see `/schemas`")
        else:
            self._check_kind(event.type, subject, f"{place}/subject")
            known = {*shape.__struct_fields__}
            for name in event.data.keys() - known:
                near = f"{event.type} has {', '.join(sorted(known))}"
                self.complain(f"{place}/data/{escaped(name)}", f"this member is not known: {near}")
        optional = {name: getattr(event, name) for name in ("correlationid", "causationid")}
        instants = {name: getattr(event, name) for name in ("timelatest", "sourcetime")}
        return EventMaker(
            type=event.type,
            event_id=self.template(event.id, f"{place}/id"),
            subject=subject,
            time=self.time(event.time, f"{place}/time"),
            instants={n: self.time(date, f"{place}/{n}") for n, date in instants.items() if date is not None},
            texts={n: self.template(text, f"{place}/{n}") for n, text in optional.items() if text is not None},
            tests=self.conditions(event.when, f"{place}/when"),
            data=Members({name: self.value(v, f"{place}/data/{escaped(name)}") for name, v in event.data.items()}),
        )

    def value(self, value: Any, place: str) -> Maker:  # noqa: ANN401 - decoded TOML
        """Compile a part of an event's data."""
        if isinstance(value, str):
            return Text(self.template(value, place))
        if is_array(value):
            return Items(tuple(self.value(one, f"{place}/{index}") for index, one in enumerate(value)))
        if is_object(value):
            if "column" in value:
                return self._column(value, place)
            return Members({name: self.value(one, f"{place}/{escaped(name)}") for name, one in value.items()})
        if not isinstance(value, bool | int):
            self.complain(place, "is neither text, integer nor truth: write decimals and dates as texts")
        return Constant(value)

    def template(self, text: str, place: str) -> Template:
        """Compile a template."""
        try:
            template = parse_template(text)
        except ValueError as error:
            self.complain(place, str(error))
            return NOTHING
        for reference in template.references:
            self._declared(reference, place)
        return template

    def time(self, date: Date, place: str) -> TimeMaker:
        """Compile when something was."""
        reader = self._reader(date.formats, date.timezone, date.precision, place)
        return TimeMaker(self.reference(date.column, f"{place}/column"), reader)

    def conditions(self, conditions: Iterable[Condition], place: str) -> tuple[Test, ...]:
        """Compile conditions."""
        tests: list[Test] = []
        for index, condition in enumerate(conditions):
            reference = self.reference(condition.column, f"{place}/{index}/column")
            try:
                tests.append(compile_condition(condition, reference))
            except ValueError as error:
                self.complain(f"{place}/{index}", str(error))
        return tuple(tests)

    def reference(self, text: str, place: str) -> RowReference:
        """Compile a reference."""
        reference = parse_reference(text)
        self._declared(reference, place)
        return reference

    def zone(self, name: str, place: str) -> str:
        """Check that a zone exists, and return its name."""
        try:
            zone(name)
        except ValueError as error:
            self.complain(place, str(error))
            return "UTC"
        return name

    def complain(self, place: str, detail: str) -> None:
        """Take note of a problem."""
        self.problems.append((place, detail))

    def _declared(self, reference: RowReference, place: str) -> None:
        self.used.add(reference.column)
        if reference.column not in self._mapping.columns:
            self.complain(place, f"{reference.column!r} is not among `columns`: {', '.join(self._mapping.columns)}")

    def _check_kind(self, event_type: str, subject: Template, place: str) -> None:
        kind, shape = kind_of(subject.head), EVENTS[event_type]
        if ":" not in subject.head:
            self.complain(place, "begins with no kind: it is kind:namespace:native, such as listing:shop:{no}")
        elif kind not in STREAMS or not may_have(shape, kind):
            self.complain(place, f"{event_type} is about a {' or '.join(shape.streams)}, not about a {kind}")

    def _reader(
        self, formats: tuple[str, ...], zone_name: str | None, precision: Precision | None, place: str
    ) -> DateReader:
        for index, form in enumerate(formats):
            try:
                finest = check_format(form)
            except ValueError as error:
                self.complain(f"{place}/formats/{index}", str(error))
                continue
            if precision is not None and coarser(finest, precision) != precision:
                self.complain(f"{place}/precision", f"{form!r} tells no more than the {finest.lower()}")
        return DateReader(formats, self.zone(zone_name, f"{place}/timezone") if zone_name else self._zone, precision)

    def _column(self, table: dict[str, Any], place: str) -> Maker:
        try:
            value = read_table(table, Value, place)
        except MappingError as error:
            self.problems += error.problems
            return Constant(None)
        codes = self._mapping.codes.get(value.codes) if value.codes is not None else None
        if value.codes is not None and codes is None:
            self.complain(f"{place}/codes", f"there is no code map [codes.{value.codes}]")
        return Column(
            reference=self.reference(value.column, f"{place}/column"),
            tests=self.conditions(value.when, f"{place}/when"),
            default=value.default,
            required=value.required,
            split=value.split,
            codes=codes,
            read=self._reading(value, place),
        )

    def _reading(self, value: Value, place: str) -> Any:  # noqa: ANN401 - a reader of values
        if value.type is None:
            return as_it_is
        if value.type == "text":
            return text_of
        if value.type == "integer":
            return partial(as_integer, scale=value.scale)
        reader = self._reader(value.formats, value.timezone, None, place)
        return partial(as_date, read=reader.read, write=write_date if value.type == "date" else write_instant)
