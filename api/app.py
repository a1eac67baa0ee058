"""The HTTP application: the only place that knows every part."""

import asyncio
import signal
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from api import events, health, logs, subjects, views
from api.auth import Gate, GateMiddleware
from api.problems import on_error, on_http_error
from api.service import Service, open_service
from ledger.errors import JejakError
from ledger.intake import BODY_MAX_BYTES
from ledger.settings import Settings

ROUTES: tuple[HTTPRouteHandler, ...] = (*health.ROUTES, *logs.ROUTES, *events.ROUTES, *views.ROUTES, *subjects.ROUTES)
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 30
BACKLOG = 2048


def make_app(service: Service) -> Litestar:
    """Return the application over a running ledger."""
    gate = Gate(service.database.pool("keeper"))

    def provide() -> Service:
        return service

    def gated(app: Any) -> GateMiddleware:  # noqa: ANN401 - the framework's own type has no name here
        return GateMiddleware(app, gate)

    return Litestar(
        route_handlers=ROUTES,
        dependencies={"service": Provide(provide, sync_to_thread=False)},
        middleware=[gated],
        exception_handlers={JejakError: on_error, HTTPException: on_http_error},
        request_max_body_size=BODY_MAX_BYTES,
        openapi_config=OpenAPIConfig(title="Jejak", version="0.1.0"),
        logging_config=None,
        debug=False,
    )


async def serve(settings: Settings, *, only: str | None = None, ready: Callable[[Service], None] | None = None) -> None:
    """Serve until the process is told to stop: everything, or only the `api` or the `projector`.

    `ready` is called once requests are taken.
    """
    async with open_service(settings, project=only != "api") as service:
        if only == "projector":
            if ready is not None:
                ready(service)
            await stopped()
            return
        config = uvicorn.Config(
            make_app(service),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            backlog=BACKLOG,
        )
        server = ReadyServer(config, lambda: ready(service) if ready is not None else None)
        await server.serve()


class ReadyServer(uvicorn.Server):
    """A server that says when it takes requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        """Take the configuration and whom to tell."""
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


async def stopped() -> None:
    """Return when the process is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
