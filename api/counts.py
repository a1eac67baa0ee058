"""How many entries came: by log, month and type, for whoever wants to see the whole before its parts."""

from datetime import UTC, date
from typing import Any, Literal, cast

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.auth import credential_of, readable
from api.bodies import list_response, wanted_format
from api.queries import LOG_NAMES, one, queried_logs, read_query
from api.reading import note_rows
from api.service import Service
from ledger.errors import Fault, Refused
from ledger.scopes import Grant
from projections.event_search import SEARCH, statements

CLOCKS = ("RECORDED", "EFFECT")
Clock = Literal["RECORDED", "EFFECT"]
"""By when the ledger recorded an entry, or by when what it says took effect, as the entry itself states it."""


@get("/v1/counts")
async def list_counts(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Count entries by log, month (UTC) and type: `clock` RECORDED (default) or EFFECT, `from`, `to`, `type`.

    Of each log as many are counted as `logs` says; what was corrected or voided since is counted as it was stated. A
    token with a window is answered of whole months within it, by the clock of the ledger alone.
    """
    given = read_query(request, (*LOG_NAMES, "clock", "from", "to", "type"))
    clock = _clock(one(given, "clock"))
    credential = credential_of(request)
    reader = service.database.pool("reader")
    asked = readable(credential, await queried_logs(request, reader, given), windowed=clock == "RECORDED")
    logs = {log.log_id: log for log in asked}
    first, last = _within(credential, _month(given, "from"), _month(given, "to"))
    rows = await reader.fetch(statements("count_by_month"), list(logs), clock, first, last, given.get("type"))
    items = [
        msgspec.json.encode(
            {
                "log": logs[row["log_id"]].slug,
                "month": f"{row['month']:%Y-%m}",
                "type": row["type"],
                "count": row["entries"],
            }
        )
        for row in sorted(rows, key=lambda row: logs[row["log_id"]].slug)  # stable: months and types stay in order
    ]
    note_rows(len(items))
    counted = await reader.fetch(statements("read_cursors"), [SEARCH])
    sizes = {logs[row["log_id"]].slug: row["position"] for row in counted if row["log_id"] in logs}
    return list_response(wanted_format(request), items, {"next": None, "clock": clock, "logs": sizes})


def _clock(text: str | None) -> Clock:
    if text not in {None, *CLOCKS}:
        raise Refused((Fault("invalid-parameter", "/clock", f"is none of {', '.join(CLOCKS)}"),))
    return cast("Clock", text or "RECORDED")


def _month(given: dict[str, list[str]], name: str) -> date | None:
    text = one(given, name)
    try:
        return None if text is None else date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Refused((Fault("invalid-parameter", f"/{name}", "is no month: 2021-09"),)) from None


def _within(grant: Grant, first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """Return the first and last month asked for, narrowed to the whole months of a grant's window."""
    if grant.window_from is not None:
        opened = grant.window_from.astimezone(UTC)
        begins = opened == opened.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        whole = opened.date() if begins else _next(opened.date())
        first = max(first or whole, whole)
    if grant.window_to is not None:
        closed = _before(grant.window_to.astimezone(UTC).date())
        last = min(last or closed, closed)
    return first, last


def _next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


ROUTES = (list_counts,)
