"""Health: alive, and ready to serve. Open to everybody."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency

from api.bodies import json_response
from api.service import Service
from ledger.database import DATABASE_ERRORS
from ledger.marks import lost_logs, read_halts

DATABASE_SECONDS = 2
"""How long a database that serves needs at most for its answer."""


@get("/health/live")
async def live() -> Response[bytes]:
    """Tell that the process answers."""
    return json_response({"status": "alive"})


@get("/health/ready")
async def ready(service: NamedDependency[Service]) -> Response[bytes]:
    """Tell whether the ledger can be used: the database answers, and no log contradicts what was signed, or is lost.

    What has stopped and stops nothing else, a log's views, its search or its signing, is told beside it: of views and
    search by a process that follows logs. How far they are, `/metrics` of any process tells.
    """
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            halts = await read_halts(service.database.pool("reader"))
            lost = await lost_logs(service.database.pool("reader"), service.vault)
            unsigned = await service.unsigned()
    except DATABASE_ERRORS:
        return json_response({"status": "unavailable", "database": "does not answer"}, 503)
    stopped = {"views_stopped": service.runner.stopped.count, "searches_stopped": service.search.stopped.count}
    told = {
        **{name: count for name, count in stopped.items() if count is not None},
        "logs_unsigned": unsigned,
        "logs_halted": len(halts),
        "logs_lost": len(lost),
    }
    if halts or lost:
        return json_response({"status": "halted", **told}, 503)
    return json_response({"status": "ready", **told})


ROUTES = (live, ready)
