"""From when a date or an instant that somebody wrote holds, and whether it has come; `local_dates`: has it passed."""

from datetime import date, datetime

from ledger.domain.instants import format_instant, parse_instant, start_of
from ledger.domain.local_dates import DATE_LENGTH


def first_instant(text: str | None, zone_name: str) -> str | None:
    """Return the first instant of a date in its zone, or the instant itself; None where there is none."""
    if text is None:
        return None
    try:
        if len(text) > DATE_LENGTH:
            return format_instant(parse_instant(text))
        return format_instant(start_of(date.fromisoformat(text), zone_name))
    except (ValueError, OverflowError):
        return None


def has_come(instant: str | None, moment: datetime) -> bool:
    """Tell whether an instant is there at `moment`; None, no instant, never comes."""
    return instant is not None and parse_instant(instant) <= moment
