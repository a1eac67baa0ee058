"""Reading a span of time from two parameters: dates, or instants."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ledger.domain.bounds import first_instant
from ledger.domain.instants import parse_instant
from ledger.domain.local_dates import passed_from
from ledger.errors import Fault, Refused
from projections.moment import read_moment
from projections.window import Window


def read_window(given: Mapping[str, Sequence[str]], names: tuple[str, str], tz: str | None) -> Window:
    """Return the window that two parameters say. A date is a local day: the window holds the first and the last.

    Raises Refused for what is no time, or is given more than once.
    """
    begin, end = names

    def read(name: str, instant_of: Callable[[str | None, str], str | None]) -> datetime | None:
        texts = given.get(name, ())
        if len(texts) > 1:
            raise Refused((Fault("invalid-parameter", f"/{name}", "is given more than once"),))
        if not texts:
            return None
        read_moment(texts[0], tz, f"/{name}")  # raises Refused for what is no time
        instant = instant_of(texts[0], tz or "UTC")
        return None if instant is None else parse_instant(instant)

    asked = {name: given[name][0] for name in names if given.get(name)}
    return Window(asked=asked, begin=read(begin, first_instant), end=read(end, passed_from))
