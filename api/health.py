"""Health: alive, and ready to serve. Open to everybody."""

from litestar import Response, get
from litestar.di import NamedDependency

from api.bodies import json_response
from api.service import Service
from ledger.database import DATABASE_ERRORS


@get("/health/live")
async def live() -> Response[bytes]:
    """Tell that the process answers."""
    return json_response({"status": "alive"})


@get("/health/ready")
async def ready(service: NamedDependency[Service]) -> Response[bytes]:
    """Tell whether the ledger can be used: the database answers, and no log's views have stopped."""
    try:
        await service.database.pool("reader").fetchval("SELECT 1", timeout=2)
    except DATABASE_ERRORS:
        return json_response({"status": "unavailable", "database": "does not answer"}, 503)
    stopped = sorted(service.runner.failures)
    return json_response({"status": "ready", "views_stopped": len(stopped)})


ROUTES = (live, ready)
