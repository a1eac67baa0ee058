"""Tokens on the way in: whom a token stands for, looked up cheaply however many wrong ones come."""

import asyncio
import time
from collections.abc import Collection
from urllib.parse import urlencode

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.accesses import Accesses
from api.mandates import mandated
from api.problems import Unauthorised, refusal
from api.reading import begin_reading
from api.sessions import HOME, READS, SIGN_IN, is_open_page, is_page, token_from_cookie
from ledger.database import DATABASE_ERRORS, Pool
from ledger.errors import Busy, NotFound
from ledger.tokens import Credential, TokenRow, find_tokens, split_token

OPEN_PREFIXES = ("/health/", "/schema/", "/schemas/", "/problems/", "/docs/")
OPEN_PATHS = frozenset({"/schemas", "/problems", "/docs"})
"""What may be asked without a token; everything else needs one, whether or not it exists."""
TILES_PREFIX = "/logs/"
"""Checkpoints and hashes are open, and so are the entries of public logs: a token counts where there is one."""
CACHE_SECONDS = 0.5
"""How long what was read of a token is believed: a revocation counts everywhere well within a second."""
CACHED_MAX = 10_000
"""Tokens remembered, and as many ids that are none; each of the two is forgotten as a whole when it is full."""
PAUSE_SECONDS = 0.01
"""At least so long from one look-up to the next: ids that come meanwhile are looked up together."""
LOOK_UP_MAX = 1_000
"""Ids looked up at once; more wait for the next."""
FIRST_BAD_STATUS = 400
CREDENTIAL_KEY = "jejak_credential"
GATE_KEY = "jejak_gate"


class Gate:
    """Looks tokens up, and remembers for a moment what it read of them, and which ids are none.

    What cannot be a token asks the database nothing, and all others ask together: a thousand wrong ones a second are
    at most a hundred statements, and a wrong secret for an id that is known is none.
    """

    def __init__(self, pool: Pool) -> None:
        """Take the keepers' pool."""
        self._pool = pool
        self._rows: dict[str, tuple[float, TokenRow]] = {}
        self._none: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[TokenRow | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def credential(self, authorization: str | None) -> Credential:
        """Return whom an Authorization header stands for. Raises Unauthorised, or Busy without a database."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorised("send a token: Authorization: Bearer ...")
        parts = split_token(token)
        row = await self._row(parts[0]) if parts is not None else None
        if parts is None or row is None or not row.accepts(parts[1]):
            raise Unauthorised("the token is unknown, has expired or was revoked")
        return row.credential

    async def _row(self, token_id: str) -> TokenRow | None:
        now = time.monotonic()
        known = self._rows.get(token_id)
        if known is not None and now < known[0]:
            return known[1]
        if now < self._none.get(token_id, 0.0):
            return None
        waiting = self._waiting.get(token_id)
        if waiting is None:
            waiting = self._waiting[token_id] = asyncio.get_running_loop().create_future()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_up(), name="tokens")
        return await asyncio.shield(waiting)

    async def _look_up(self) -> None:
        """Look up what waits, until nothing does."""
        try:
            while self._waiting:
                asked = [token_id for token_id, _ in zip(list(self._waiting), range(LOOK_UP_MAX), strict=False)]
                waiting = {token_id: self._waiting.pop(token_id) for token_id in asked}
                await self._answer(waiting)
                if self._waiting:
                    await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._looking = None

    async def _answer(self, waiting: dict[str, "asyncio.Future[TokenRow | None]"]) -> None:
        try:
            found = await self.find(waiting)
        except DATABASE_ERRORS as error:
            for future in waiting.values():
                _fail(future, Busy("the database is not there"), error)
            return
        until = time.monotonic() + CACHE_SECONDS
        for token_id, future in waiting.items():
            row = found.get(token_id)
            if row is None:
                _make_room(self._none)
                self._none[token_id] = until
            else:
                _make_room(self._rows)
                self._rows[token_id] = (until, row)
            if not future.done():
                future.set_result(row)

    async def find(self, token_ids: Collection[str]) -> dict[str, TokenRow]:
        """Return what the database keeps of tokens; a task force's as its body's mandate limits it."""
        found = await find_tokens(self._pool, token_ids)
        for token_id, row in found.items():
            if row.credential.role == "TASK_FORCE":
                credential = await mandated(self._pool, row.credential)
                found[token_id] = msgspec.structs.replace(row, credential=credential)
        return found


def _fail(future: "asyncio.Future[TokenRow | None]", error: Exception, cause: Exception) -> None:
    error.__cause__ = cause
    if not future.done():
        future.set_exception(error)


def _make_room(known: dict[str, "tuple[float, TokenRow]"] | dict[str, float]) -> None:
    if len(known) >= CACHED_MAX:
        known.clear()


class GateMiddleware:
    """Lets a request through only with a credential, or to what is open.

    It stands before the framework's routing: without a token nobody learns which paths and methods there are.
    """

    def __init__(self, app: ASGIApp, gate: Gate, accesses: Accesses) -> None:
        """Take the application inside, the gate, and who counts what is read."""
        self._app = app
        self._gate = gate
        self._accesses = accesses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope["path"]
        if path not in OPEN_PATHS and not path.startswith(OPEN_PREFIXES):
            authorization = authorization_of(scope)
            scope["state"][GATE_KEY] = self._gate
            try:
                if authorization is not None or not (_is_open_read(scope) or is_open_page(path)):
                    scope["state"][CREDENTIAL_KEY] = await self._gate.credential(authorization)
                _check_path(path)
            except (Unauthorised, Busy, NotFound) as error:
                if isinstance(error, Unauthorised) and is_page(path):
                    if not is_open_page(path):
                        await _lead_to_sign_in(scope, send)
                        return
                else:
                    await refusal(error)(scope, receive, send)
                    return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and count what it let the request read, before the answer begins to leave."""
        credential, reading = scope["state"].get(CREDENTIAL_KEY), begin_reading()

        async def counted(message: Message) -> None:
            good = message["type"] == "http.response.start" and message["status"] < FIRST_BAD_STATUS
            if good and isinstance(credential, Credential):
                await self._accesses.note(credential, reading)
            await send(message)

        await self._app(scope, receive, counted)


def authorization_of(scope: Scope) -> str | None:
    """Return what a request says of its token: its header, or the cookie of a browser where that counts."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value.decode("latin-1")
    token = token_from_cookie(scope)
    return None if token is None else f"Bearer {token}"


async def _lead_to_sign_in(scope: Scope, send: Send) -> None:
    """Answer a page that nobody may see unknown: sign in first, and come back."""
    query = scope["query_string"]
    here = scope["path"] + (f"?{query.decode('latin-1')}" if query else "")
    reads = scope["type"] == ScopeType.HTTP and scope["method"] in READS
    place = f"{SIGN_IN}?{urlencode({'next': here})}" if reads and here != HOME else SIGN_IN
    headers = [(b"location", place.encode("latin-1")), (b"cache-control", b"no-store"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_open_read(scope: Scope) -> bool:
    return scope["type"] == ScopeType.HTTP and scope["method"] in READS and scope["path"].startswith(TILES_PREFIX)


def _check_path(path: str) -> None:
    if "\0" in path:
        raise NotFound("no name holds U+0000")
