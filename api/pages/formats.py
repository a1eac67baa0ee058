"""Numbers, dates and durations as a reader's language and zone have them (Unicode CLDR, by Babel)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

INSTANT = "d MMM y, HH:mm:ss"
"""A CLDR pattern: seconds are shown, since they decide."""


class Formats:
    """How one reader wants numbers and times."""

    def __init__(self, language: str, zone: str) -> None:
        """Take the language and the IANA zone."""
        self._locale = Locale.parse(language)
        self._zone = ZoneInfo(zone)

    def number(self, value: float | Decimal) -> str:
        """Return a number with the reader's separators."""
        return format_decimal(value, locale=self._locale)

    def percent(self, share: float) -> str:
        """Return a share of one as per cent, with at most one digit after the point."""
        return format_percent(share, format="#,##0.#%", locale=self._locale)

    def day(self, text: str) -> str:
        """Return a date (ISO 8601) or the local date of an instant, in words."""
        moment = datetime.fromisoformat(text)
        return format_date(moment.astimezone(self._zone) if moment.tzinfo else moment, "d MMM y", self._locale)

    def instant(self, text: str | None) -> str | Markup:
        """Return an instant (RFC 3339) in the reader's zone, as an element that says it exactly; a dash for none.

        A local date is shown as one.
        """
        if text is None:
            return "—"
        if "T" not in text:
            return Markup('<time datetime="{}">{}</time>').format(text, self.day(text))
        moment = datetime.fromisoformat(text).astimezone(self._zone)
        shown = format_datetime(moment, INSTANT, tzinfo=self._zone, locale=self._locale)
        offset = moment.strftime("%z")
        name = moment.tzname() or offset
        return Markup('<time datetime="{}" title="{}">{} <span class="zone">{}</span></time>').format(
            text, moment.astimezone(UTC).isoformat(), shown, name
        )

    def hours(self, hours: float) -> str:
        """Return a length of time given in hours."""
        return self.duration(timedelta(hours=hours))

    def duration(self, length: timedelta) -> str:
        """Return a length of time in its largest unit."""
        return format_timedelta(length, threshold=1.5, locale=self._locale)
