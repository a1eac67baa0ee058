"""The two times of a page: as of when, and known when; what the sliders, presets and links of every page work with."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from litestar import Request
from msgspec import Struct
from msgspec.structs import replace

from api.pages.asking import Parameters, link_to
from api.pages.preferences import preferences_of

TIME_FIELDS = ("as_of", "known_at", "tz", "certainty", "basis")
"""The members of a page's own query that are the API's time parameters, sent on as they are."""
AGAINST = "against"
"""A second date of knowledge: what differs from it is marked."""
FIRST_DAY = date(2010, 1, 1)
"""Where the sliders begin; an earlier date is written into its field."""


class Times(Struct, frozen=True, kw_only=True):
    """What a page is asked for; an empty text is what the API takes without it: now, as known now."""

    as_of: str = ""
    known_at: str = ""
    tz: str = ""
    certainty: str = ""
    basis: str = ""
    against: str = ""

    def parameters(self, *, known_at: str | None = None) -> list[tuple[str, str]]:
        """Return the API's parameters; with another date of knowledge where one is given."""
        given = {name: getattr(self, name) for name in TIME_FIELDS}
        if known_at is not None:
            given["known_at"] = known_at
        return [(name, value) for name, value in given.items() if value]

    def query(self, more: Parameters = (), **changed: str) -> str:
        """Return the page's own query with these times, `changed` where it is said, and more after them."""
        given = {name: getattr(self, name) for name in (*TIME_FIELDS, AGAINST)} | changed
        return link_to("", [*((name, value) for name, value in given.items() if value), *more])

    def presets(self, more: Parameters = ()) -> Mapping[str, str]:
        """Return the page's queries of the three presets: now; then as known then; then as known now; more after it."""
        then = self.as_of or self.known_at
        return {
            "now": self.query(more, as_of="", known_at="", against=""),
            "then_as_known_then": self.query(more, as_of=then, known_at=self.known_at or then),
            "then_as_known_now": self.query(more, as_of=then, known_at="", against=""),
        }


class Slider(Struct, frozen=True, kw_only=True):
    """A slider of whole days: its field, its number of days from FIRST_DAY, and where it stands."""

    field: str
    days: int
    at: int
    first: str


def times_of(request: Request[Any, Any, Any]) -> Times:
    """Return the times in a page's query, as they were written."""
    given = request.query_params
    return Times(**{name: str(given.get(name, "")).strip() for name in (*TIME_FIELDS, AGAINST)})


def zoned_times_of(request: Request[Any, Any, Any]) -> Times:
    """Return the same in the reader's zone where none is written: an answer over several logs needs one."""
    times = times_of(request)
    return replace(times, tz=times.tz or preferences_of(request).zone)


def sliders(times: Times) -> tuple[Slider, Slider]:
    """Return the sliders of both times; without a date one stands at today, its end."""
    return _slider("as_of", times.as_of), _slider("known_at", times.known_at)


def _slider(field: str, text: str) -> Slider:
    days = (datetime.now(UTC).date() - FIRST_DAY).days
    try:
        at = (date.fromisoformat(text[:10]) - FIRST_DAY).days
    except ValueError:
        at = days
    return Slider(field=field, days=days, at=min(max(at, 0), days), first=FIRST_DAY.isoformat())
