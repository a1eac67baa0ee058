"""Who may what: the only place where HTTP asks. Deny first.

What a role may stands in `ledger.rights`, what of a log a token sees in `ledger.scopes`; here requests meet both.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.gate import CREDENTIAL_KEY, GATE_KEY, Gate, authorization_of
from api.problems import Forbidden, Unauthorised
from api.reading import note_reading
from api.route_rights import NOBODY, RIGHTS, TELLS_METHODS
from ledger.intake import Author, LogInfo
from ledger.rights import OPERATOR, PARTICIPATES, PRIVACY_OFFICER, UNMASKS
from ledger.scopes import sight_of
from ledger.tokens import Credential

Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]
NO_METHOD = "none"
"""What is no HTTP has no method, and no right."""


def credential_of(request: Connection) -> Credential:
    """Return who asks. Raises Unauthorised on a path that is open."""
    return _credential_in(request.scope)


def _credential_in(scope: Scope) -> Credential:
    credential = scope["state"].get(CREDENTIAL_KEY)
    if not isinstance(credential, Credential):
        raise Unauthorised("send a token: Authorization: Bearer ...")
    return credential


async def credential_still(request: Request[Any, Any, Any]) -> Credential:
    """Return who asks, if the token of a request that is still being answered counts: a long answer asks again.

    What is answered is at most half a second old. Raises Unauthorised once it is revoked, rotated or expired, and Busy
    while the database is not there.
    """
    gate = request.scope["state"].get(GATE_KEY)
    if not isinstance(gate, Gate):
        raise Unauthorised("send a token: Authorization: Bearer ...")
    return await gate.credential(authorization_of(request.scope))


def authorising(app: ASGIApp) -> ASGIApp:
    """Return a route that answers only to a role that may ask it. See `must_have_right`.

    Middleware of every route, and no guard: for each of those the framework copies the route's whole handler.
    """

    async def authorised(scope: Scope, receive: Receive, send: Send) -> None:
        must_have_right(scope)
        await app(scope, receive, send)

    return authorised


def must_have_right(scope: Scope) -> None:
    """Raise Forbidden unless the role of who asks may ask this route at all, and Unauthorised where nobody is known.

    What has no right declared (`api.route_rights`) nobody may.
    """
    method = scope["method"] if scope["type"] == ScopeType.HTTP else NO_METHOD
    right = RIGHTS.get(f"{method} {scope['path_template']}", NOBODY)
    if method == TELLS_METHODS or right == "OPEN":
        return
    if _credential_in(scope).role not in right:
        raise Forbidden("this token's role may not do this")


def must_cover(credential: Credential, slug: str | None) -> None:
    """Raise Forbidden where a credential that names logs does not name this one; None: all."""
    if not covers(credential, slug):
        raise Forbidden("this token is not for " + ("all logs: name one" if slug is None else f"log {slug}"))


def sees_care(credential: Credential, log: LogInfo) -> bool:
    """Tell whether a credential may see how a log's personal data is cared for: who read it, and what was erased.

    Whoever reads the log whole may, and a privacy officer of the log, who reads nothing else of it.
    """
    return may_read(credential, log) or (credential.role == PRIVACY_OFFICER and covers(credential, log.slug))


def covers(credential: Credential, slug: str | None) -> bool:
    """Tell whether a credential that needs no logs is for this one; one that names logs is for those alone."""
    return not credential.logs or slug in credential.logs


def may_read(credential: Credential, log: LogInfo, *, windowed: bool = False) -> bool:
    """Tell whether a credential may read a whole log. With `windowed`, the caller heeds the window that it may have."""
    return sight_of(credential, log) == "WHOLE" and (windowed or not credential.windowed)


def must_read(credential: Credential, log: LogInfo, *, windowed: bool = False) -> None:
    """Raise Forbidden unless the credential may read the whole log. See `may_read`."""
    if not may_read(credential, log, windowed=windowed):
        raise Forbidden(f"this token may not read log {log.slug}")
    note_reading([log])


def must_unmask(credential: Credential, log: LogInfo) -> None:
    """Raise Forbidden unless the credential may read personal data of a log, or of its cases in it, in clear."""
    sight = sight_of(credential, log)
    if credential.role not in UNMASKS or not (sight == "WHOLE" or (sight == "CASES" and credential.subjects)):
        raise Forbidden(f"this token may not unmask personal data of log {log.slug}")


def readable(credential: Credential, logs: Sequence[LogInfo], *, windowed: bool = False) -> list[LogInfo]:
    """Return those of the logs that the credential may read whole. See `may_read`."""
    return [log for log in logs if may_read(credential, log, windowed=windowed)]


def must_append(credential: Credential, log: LogInfo) -> Author:
    """Return the author of what is appended, whom the table of rights binds type by type (`ledger.intake`).

    Raises Forbidden: a token appends to logs that it names, and an operator appends no domain events.
    """
    if credential.role == OPERATOR or log.slug not in credential.logs:
        raise Forbidden(f"this token may not append to log {log.slug}")
    named = PARTICIPATES.get(credential.role) == "NAMED" and credential.subjects
    subjects = frozenset(credential.subjects) if named else None
    return Author(authid=credential.token_id, authrole=credential.role, bound=True, subjects=subjects)
