"""Who may what: tokens on the way in, and rights, in one place. Deny first."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from api.problems import MEDIA_TYPE, Forbidden, Unauthorised, document_of
from ledger.database import DATABASE_ERRORS, Pool
from ledger.errors import Busy, NotFound
from ledger.intake import Author, LogInfo
from ledger.tokens import Credential, find_credential

OPEN_PREFIXES = ("/health/", "/schema/", "/schemas/", "/problems/")
OPEN_PATHS = frozenset({"/schemas"})
"""What may be asked without a token; everything else needs one, whether or not it exists."""
TILES_PREFIX = "/logs/"
READS = frozenset({"GET", "HEAD"})
"""Checkpoints and hashes are open, and so are the entries of public logs: a token counts where there is one."""
CACHE_SECONDS = 0.5
"""How long a credential is believed: a revocation counts everywhere well within a second."""
CACHED_MAX = 10_000
SCOPE_KEY = "jejak_credential"


class Gate:
    """Looks credentials up, and remembers them for a moment."""

    def __init__(self, pool: Pool) -> None:
        """Take the keepers' pool."""
        self._pool = pool
        self._known: dict[str, tuple[float, Credential]] = {}
        self._asking: dict[str, asyncio.Task[Credential | None]] = {}

    async def credential(self, authorization: str | None) -> Credential:
        """Return whom an Authorization header stands for. Raises Unauthorised."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorised("send a token: Authorization: Bearer ...")
        known = self._known.get(token)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        credential = await self._ask(token)
        if credential is None:
            self._known.pop(token, None)
            raise Unauthorised("the token is unknown, has expired or was revoked")
        if len(self._known) >= CACHED_MAX:
            self._known.clear()
        self._known[token] = (time.monotonic() + CACHE_SECONDS, credential)
        return credential

    async def _ask(self, token: str) -> Credential | None:
        """Ask the database once, however many requests wait for the same token."""
        task = self._asking.get(token)
        if task is None:
            task = self._asking[token] = asyncio.create_task(find_credential(self._pool, token))
            task.add_done_callback(lambda _: self._asking.pop(token, None))
        try:
            return await asyncio.shield(task)
        except DATABASE_ERRORS as error:
            raise Busy("the database is not there") from error


class GateMiddleware:
    """Lets a request through only with a credential, or to what is open.

    It stands before the framework's routing: without a token nobody learns which paths and methods there are.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        """Take the application inside and the gate."""
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["path"] not in OPEN_PATHS and not scope["path"].startswith(OPEN_PREFIXES):
            headers = dict(scope["headers"])
            authorization = headers.get(b"authorization")
            try:
                if authorization is not None or not _is_open_read(scope):
                    token = authorization.decode("latin-1") if authorization else None
                    scope["state"][SCOPE_KEY] = await self._gate.credential(token)
                _check_path(scope["path"])
            except (Unauthorised, Busy, NotFound) as error:
                document = document_of(error)
                answer = ASGIResponse(
                    body=msgspec.json.encode(document),
                    status_code=document["status"],
                    media_type=MEDIA_TYPE,
                    headers={"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorised) else {},
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_open_read(scope: Scope) -> bool:
    return scope["type"] == ScopeType.HTTP and scope["method"] in READS and scope["path"].startswith(TILES_PREFIX)


def _check_path(path: str) -> None:
    if "\0" in path:
        raise NotFound("no name holds U+0000")


def credential_of(request: Request[Any, Any, Any]) -> Credential:
    """Return who asks. Raises Unauthorised on a path that is open."""
    credential = request.scope["state"].get(SCOPE_KEY)
    if not isinstance(credential, Credential):
        raise Unauthorised("send a token: Authorization: Bearer ...")
    return credential


def must_operate(credential: Credential) -> None:
    """Raise Forbidden unless the credential is an operator's."""
    if credential.role != "operator":
        raise Forbidden("only an operator may do this")


def may_read(credential: Credential, log: LogInfo) -> bool:
    """Tell whether a credential may read a log: an operator all, a platform its own."""
    return credential.role == "operator" or log.slug in credential.logs


def must_read(credential: Credential, log: LogInfo) -> None:
    """Raise Forbidden unless the credential may read the log."""
    if not may_read(credential, log):
        raise Forbidden(f"this token may not read log {log.slug}")


def must_append(credential: Credential, log: LogInfo) -> Author:
    """Return the author of what is appended. Raises Forbidden; an operator appends no domain events."""
    if credential.role == "operator" or log.slug not in credential.logs:
        raise Forbidden(f"this token may not append to log {log.slug}")
    return Author(authid=credential.token_id, authrole=credential.role)


def readable(credential: Credential, logs: Sequence[LogInfo]) -> list[LogInfo]:
    """Return those of the logs that the credential may read."""
    return [log for log in logs if may_read(credential, log)]
