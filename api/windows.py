"""Windows of engagements: a token that has one is answered only of what was known within it (domain.md 3).

A window is of knowledge, by the ledger's own clock: from its first instant to its last, which is not included. Events
are shown that were recorded within it. A state, a list or a history is answered as it was known at an instant within
it: of older facts too, since whoever asked then was answered of them. Who says no instant is answered as of the last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request

from api.auth import credential_of
from api.problems import Forbidden
from api.service import Service
from ledger.domain.instants import TICK, format_instant, parse_instant
from ledger.intake import LogInfo
from ledger.scopes import Grant
from ledger.store import read_clock, read_heads, size_known_at
from projections.moment import Moment, TimeParameters


def recorded_within(grant: Grant, recordedtime: datetime) -> bool:
    """Tell whether what was recorded at an instant is in a grant's window."""
    before = grant.window_from is not None and recordedtime < grant.window_from
    return not before and (grant.window_to is None or recordedtime < grant.window_to)


def within_window(grant: Grant, given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the filters of a question about events, narrowed to a grant's window."""
    narrowed = dict(given)
    if grant.window_from is not None:
        _narrow(narrowed, "recorded_from", grant.window_from, later=True)
    if grant.window_to is not None:
        _narrow(narrowed, "recorded_to", grant.window_to - TICK, later=False)
    return narrowed


def _narrow(given: dict[str, list[str]], name: str, bound: datetime, *, later: bool) -> None:
    """Set a filter to a bound where it is wider; what is no instant is left to be refused."""
    try:
        asked = [parse_instant(text) for text in given.get(name, ())]
    except ValueError:
        return
    if len(asked) <= 1 and all((one < bound) is later for one in asked if one != bound):
        given[name] = [format_instant(bound)]


async def asked_moment(
    request: Request[Any, Any, Any],
    service: Service,
    parameters: TimeParameters,
    logs: Sequence[LogInfo],
    *,
    views: bool,
    zoned: Sequence[LogInfo] | None = None,
) -> Moment:
    """Resolve time parameters over logs for who asks. See `Service.moment`.

    Raises Forbidden where that is known which was not known within the window of the token that asks.
    """
    credential = credential_of(request)
    reader = service.database.pool("reader")
    last = None if credential.window_to is None else credential.window_to - TICK
    now = await read_clock(reader) if last is not None else None
    if last is not None and now is not None and last < now and parameters.known_at is None and not parameters.size:
        parameters = msgspec.structs.replace(parameters, known_at=format_instant(last))
    moment = await service.moment(parameters, logs, views=views, zoned=zoned)
    if credential.windowed:
        await _check(service, credential, moment, last)
    return moment


async def _check(service: Service, grant: Grant, moment: Moment, last: datetime | None) -> None:
    reader = service.database.pool("reader")
    slugs = [at.log.slug for at in moment.logs]
    heads = {head.log.log_id: head.size for head in await read_heads(reader, slugs)} if slugs else {}
    for at in moment.logs:
        log_id, size = at.log.log_id, heads[at.log.log_id]
        least = 0 if grant.window_from is None else await size_known_at(reader, log_id, size, grant.window_from - TICK)
        most = size if last is None else await size_known_at(reader, log_id, size, last)
        if not least <= at.size <= most:
            raise Forbidden(f"what is asked of log {at.log.slug} was not known within this token's window")
