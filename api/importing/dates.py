"""Dates as exports write them: when it was, and how exactly that is known. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from api.importing.references import RowFault, shown
from ledger.domain.instants import Precision, format_instant, parse_instant, start_of, zone

UNIX, UNIX_MILLISECONDS = "unix", "unix-milliseconds"
PRECISIONS: tuple[Precision, ...] = ("INSTANT", "DAY", "MONTH", "YEAR")
"""From the finest to the coarsest."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMATS_CACHED = 256
_ISO_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2})?(-[0-9]{2})?")
_ISO_TIMED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:.*")
_DIRECTIVES: tuple[tuple[Precision, str], ...] = (("INSTANT", "HIcX"), ("DAY", "djx"), ("MONTH", "mbB"), ("YEAR", "Yy"))


@dataclass(frozen=True, slots=True)
class Known:
    """When something was: the first instant, in UTC, that is meant; how exactly it is known, and the local date."""

    time: datetime
    precision: Precision
    local: date


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads dates: formats (strptime's, `unix`, `unix-milliseconds`; none: ISO 8601), and the zone they are meant in.

    `precision` is the finest that is believed; None: what the format has.
    """

    formats: tuple[str, ...]
    zone_name: str
    precision: Precision | None = None

    def read(self, value: object, what: str) -> Known:
        """Return when `value` says that something was. Raises RowFault."""
        text = str(value)
        for form in self.formats or (None,):
            try:
                moment, precision = _parse_iso(text) if form is None else _parse(text, form)
                return self._known(moment, coarser(precision, self.precision))
            except (ValueError, OverflowError):
                continue
        expected = " or ".join(self.formats) or "ISO 8601"
        raise RowFault("bad-date", f"{what} is no date of the form {expected}: {shown(value)}")

    def _known(self, moment: datetime, precision: Precision) -> Known:
        if moment.tzinfo is None:  # of two moments that a clock shows alike, the earlier
            moment = moment.replace(tzinfo=zone(self.zone_name))
        local = moment.astimezone(zone(self.zone_name)).date()
        if precision == "INSTANT":
            return Known(moment.astimezone(UTC), precision, local)
        first = {"DAY": local, "MONTH": local.replace(day=1), "YEAR": local.replace(month=1, day=1)}[precision]
        return Known(start_of(first, self.zone_name), precision, local)


@lru_cache(maxsize=FORMATS_CACHED)
def check_format(form: str) -> Precision:
    """Return how exactly a format tells a date. Raises ValueError where it is none that strptime has."""
    if form in {UNIX, UNIX_MILLISECONDS}:
        return "INSTANT"
    directives = re.findall(r"%([A-Za-z])", form.replace("%%", ""))
    try:
        datetime.strptime("", form)  # noqa: DTZ007 - only the format is tried
    except ValueError as error:
        if "format" in str(error) and "does not match" not in str(error):
            raise ValueError(f"{form!r} is no format of strptime: {error}") from error
    if not set(directives) & set("Yycx"):
        raise ValueError(f"{form!r} has no year (%Y)")
    return next(precision for precision, letters in _DIRECTIVES if set(directives) & set(letters))


def coarser(one: Precision, other: Precision | None) -> Precision:
    """Return the coarser of two precisions."""
    return PRECISIONS[max(PRECISIONS.index(one), PRECISIONS.index(other or one))]


def write_date(known: Known) -> str | None:
    """Return a local date as YYYY-MM-DD; None where the day is not known."""
    return known.local.isoformat() if known.precision in {"INSTANT", "DAY"} else None


def write_instant(known: Known) -> str | None:
    """Return an instant as RFC 3339; None where only its day is known."""
    return format_instant(known.time) if known.precision == "INSTANT" else None


def _parse(text: str, form: str) -> tuple[datetime, Precision]:
    if form in {UNIX, UNIX_MILLISECONDS}:
        return EPOCH + int(text) * timedelta(milliseconds=1 if form == UNIX_MILLISECONDS else 1_000), "INSTANT"
    return datetime.strptime(text, form), check_format(form)  # noqa: DTZ007 - the zone is the mapping's


def _parse_iso(text: str) -> tuple[datetime, Precision]:
    match = _ISO_PARTIAL.fullmatch(text)
    if match is None:
        if not _ISO_TIMED.fullmatch(text):
            raise ValueError(f"{text!r} is no date of ISO 8601, written with hyphens and colons")
        try:
            return parse_instant(text), "INSTANT"
        except ValueError:
            return datetime.fromisoformat(text), "INSTANT"
    precision: Precision = "DAY" if match[2] else "MONTH" if match[1] else "YEAR"
    return datetime.fromisoformat(f"{text}-01-01"[: len("YYYY-MM-DD")]), precision
