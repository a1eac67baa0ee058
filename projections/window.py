"""A span of time that a question is narrowed to, as asked and as instants. Pure."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class Window(Struct, frozen=True, kw_only=True):
    """A span of time, as asked and as instants; it begins with `begin` and ends before `end`. None: it has no bound."""

    asked: Mapping[str, str]
    begin: datetime | None
    end: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant is in it."""
        return (self.begin is None or self.begin <= instant) and (self.end is None or instant < self.end)
