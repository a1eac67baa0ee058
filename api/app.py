"""The HTTP application: the only place that knows every part."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import asyncpg
import uvicorn
from litestar import Litestar, Request, Response
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_503_SERVICE_UNAVAILABLE
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api import (
    access_list,
    claims,
    counts,
    derived,
    diffs,
    docs_pages,
    erasures,
    event_lists,
    events,
    exports,
    health,
    jobs,
    logs,
    metrics,
    packs,
    privacy,
    problem_pages,
    receipts,
    replays,
    reports,
    schemas,
    stream,
    subjects,
    timeline,
    tlog,
    tokens,
    views,
)
from api.auth import authorising
from api.description.routes import describing
from api.dsa import dump_routes
from api.dsa import routes as dsa
from api.gate import Gate, GateMiddleware
from api.head_requests import answering_head
from api.jobs_worker import working
from api.long_answers import STOPPING
from api.packed_bodies import unpacking
from api.pages.asking import INSIDE, Declined
from api.pages.failures import on_declined, telling, telling_http
from api.pages.rendering import templates
from api.pages.routes import ROUTES as PAGE_ROUTES
from api.problems import OWN_FAULT, on_error, refusal
from api.route_rights import check_declared
from api.service import SERVICE, Service, Signing, open_service
from api.under_way import bounding
from ledger.companion import useful_companions
from ledger.errors import Busy, JejakError
from ledger.garbage import spare_collections
from ledger.intake import BODY_MAX_BYTES
from ledger.settings import Settings

log = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
ROUTES: tuple[HTTPRouteHandler, ...] = (
    *health.ROUTES,
    *metrics.ROUTES,
    *logs.ROUTES,
    *events.ROUTES,
    *event_lists.ROUTES,
    *counts.ROUTES,
    *exports.ROUTES,
    *stream.ROUTES,
    *receipts.ROUTES,
    *views.ROUTES,
    *derived.ROUTES,
    *claims.ROUTES,
    *reports.ROUTES,
    *replays.ROUTES,
    *diffs.ROUTES,
    *jobs.ROUTES,
    *packs.ROUTES,
    *erasures.ROUTES,
    *privacy.ROUTES,
    *access_list.ROUTES,
    *tokens.ROUTES,
    *subjects.ROUTES,
    *timeline.ROUTES,
    *tlog.ROUTES,
    *dsa.ROUTES,
    *dump_routes.ROUTES,
)
OPEN_ROUTES: tuple[HTTPRouteHandler, ...] = (*schemas.ROUTES, *problem_pages.ROUTES, *docs_pages.ROUTES)
"""What is open to everybody, as the description of the API is, which is of all routes."""
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 30
BACKLOG = 2048
RETRY_AFTER_SECONDS = 1
"""When to come again after a 503 that does not say so itself: an embedded server that died is started at once."""

DATABASE_AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a route may raise when the database is gone, starting, stopping, full or busy. A TimeoutError is an OSError."""


def on_database_away(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer that the database is not there now."""
    return on_error(request, away(request, error))


def away(request: Request[Any, Any, Any], error: Exception) -> Busy:
    """Return what is said where the database is not there: the log says why, and the client only when to come again."""
    log.warning("%s %s: the database did not answer: %s", request.method, request.scope["path"], error)
    return Busy("the database is not there", RETRY_AFTER_SECONDS)


def on_own_fault(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer that we failed, in the form of every other error. The log says how, the client is told nothing of it."""
    log.error("%s %s failed for a reason of our own", request.method, request.scope["path"], exc_info=error)
    return telling(request, JejakError(OWN_FAULT))


def answering(gate: ASGIApp) -> ASGIApp:
    """Return the gate, answering as the routes behind it do when the database is not there.

    Every 503 says when to come again.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def saying_when(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTP_503_SERVICE_UNAVAILABLE:
                headers = MutableScopeHeaders.from_message(message)
                if "Retry-After" not in headers:
                    headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            await send(message)

        try:
            await gate(scope, receive, saying_when)
        except DATABASE_AWAY as error:
            await refusal(away(Request(scope), error))(scope, receive, saying_when)

    return app


def make_app(service: Service) -> Litestar:
    """Return the application over a running ledger."""
    gate = Gate(service.database.pool("keeper"))

    def provide() -> Service:
        return service

    app = Litestar(
        route_handlers=(*ROUTES, *OPEN_ROUTES, *describing((*ROUTES, *OPEN_ROUTES)), *PAGE_ROUTES),
        middleware=[authorising],
        dependencies={"service": Provide(provide, sync_to_thread=False)},
        exception_handlers={
            JejakError: telling,
            Declined: on_declined,
            HTTPException: telling_http,
            **dict.fromkeys(DATABASE_AWAY, on_database_away),
            Exception: on_own_fault,
        },
        request_max_body_size=BODY_MAX_BYTES,
        openapi_config=None,  # ours says more than a framework can see, and its pages load scripts from elsewhere
        logging_config=None,
        debug=False,
        template_config=templates(),
        state=State({STOPPING: asyncio.Event(), SERVICE: service}),
    )
    check_declared(app.routes)
    app.state[INSIDE] = app.asgi_handler
    # The framework's own middleware stands behind its routing, which answers 404 and 405 to everybody.
    inside = bounding(unpacking(app.asgi_handler))
    app.asgi_handler = answering_head(answering(GateMiddleware(inside, gate, service.accesses)))
    return app


async def serve(settings: Settings, *, only: str | None = None, ready: Callable[[Service], None] | None = None) -> None:
    """Serve until the process is told to stop: everything, or only the `api`, the `projector` or the `signer`.

    `ready` is called once requests are taken.
    """
    spare_collections()
    with told_to_stop() as stop:
        project = only in {None, "projector"}
        sign: Signing = "always" if only in {None, "signer"} else "never"
        async with (
            open_service(settings, project=project, drafters=useful_companions(), sign=sign) as service,
            working(service, wanted=project),
        ):
            if only in {"projector", "signer"}:
                if ready is not None:
                    ready(service)
                await stop.wait()
                return
            tell = (lambda: None) if ready is None else partial(ready, service)
            await listen(make_app(service), settings.host, settings.port, stop, tell)


async def listen(app: Litestar, host: str, port: int, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve an application until `stop` is set, and answer what was asked by then; once it listens, call `ready`."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        backlog=BACKLOG,
    )
    app.state[STOPPING] = stop
    server = ReadyServer(config, ready)
    stopping = asyncio.create_task(server.stop_when(stop), name="stop")
    try:
        await server.serve()
    finally:
        stopping.cancel()


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

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to `told_to_stop`: uvicorn's own way raises them again before the database is left."""
        yield

    async def stop_when(self, stop: asyncio.Event) -> None:
        """Take no more requests once `stop` is set, and answer those that were taken."""
        await stop.wait()
        self.should_exit = True


@contextlib.contextmanager
def told_to_stop() -> Generator[asyncio.Event]:
    """Yield what is set when the process is told to stop, by Ctrl-C or SIGTERM; inside, neither ends it otherwise."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
