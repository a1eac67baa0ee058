"""What each route asks of a role, before anything of the request is read. What does not stand here nobody may.

A role that stands here still sees of a log what its token sees of it, and no more: `ledger.scopes` says how much.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from litestar.routes import BaseRoute, HTTPRoute

from ledger.rights import APPENDS, ERASES, OPERATOR, READS_ACCESSES, READS_KEYS, ROLES, Role

Right: TypeAlias = frozenset[Role] | Literal["OPEN"]
"""The roles that may ask; OPEN is for everybody, with or without a token."""
OPERATORS: frozenset[Role] = frozenset({OPERATOR})
NOBODY: frozenset[Role] = frozenset()
EVERY_ROLE: frozenset[Role] = frozenset(ROLES)
APPENDERS: frozenset[Role] = frozenset(role for role in ROLES if APPENDS[role])
"""Who may append anything: not an operator, nor who only reads. Which types, and to which log, each event is judged."""

OPEN_ROUTES = (
    "GET /docs",
    "GET /docs/reference",
    "GET /docs/style.css",
    "GET /docs/{name}",
    "GET /health/live",
    "GET /health/ready",
    "GET /problems",
    "GET /problems/{name}",
    "GET /schema/openapi.json",
    "GET /schemas",
    "GET /schemas/{event_type}",
    "GET /schemas/{event_type}/{version}",
    "GET /logs/{slug}/checkpoint",
    "GET /logs/{slug}/log.json",
    "GET /logs/{slug}/tile/{place}",
    "GET /logs/{slug}/tile/entries/{place}",
    "GET /logs/{slug}/dumps",
    "GET /logs/{slug}/dumps/{name}",
    "GET /workbench/sign-in",
    "POST /workbench/sign-in",
    "POST /workbench/preferences",
    "GET /workbench/static/{name}",
)
"""What is open (contract section 2). Entries and dumps are so of PUBLIC logs; of others they ask for a token."""
LISTS = (
    "agreements",
    "appeals",
    "authority-orders",
    "bodies",
    "breaches",
    "claims",
    "completeness",
    "corrections",
    "deadlines",
    "disputes",
    "flags",
    "information-requests",
    "investigations",
    "ip-rights",
    "listings",
    "meetings",
    "memberships",
    "notifiers",
    "parties",
    "policies",
    "programmes",
    "recidivism",
    "referrals",
    "restrictions",
    "sellers",
    "services",
    "takedowns",
)
LOG_ROUTES = (
    *(f"GET /v1/{name}" for name in LISTS),
    "GET /v1/logs",
    "GET /v1/logs/{slug}",
    "GET /v1/logs/{slug}/checkpoints/{size}",
    "GET /v1/logs/{slug}/consistency",
    "GET /v1/logs/{slug}/events",
    "GET /v1/logs/{slug}/events/{event_id}",
    "GET /v1/logs/{slug}/events/{event_id}/entry",
    "GET /v1/logs/{slug}/events/{event_id}/proof",
    "GET /v1/logs/{slug}/export",
    "GET /v1/logs/{slug}/stream",
    "GET /v1/events",
    "GET /v1/counts",
    "GET /v1/export",
    "GET /v1/subject",
    "GET /v1/subject/history",
    "GET /v1/subject/timeline",
    "GET /v1/packs",
    "GET /v1/reports",
    "GET /v1/reports/{name}",
    "GET /v1/erasures",
    "GET /v1/jobs",
    "GET /v1/jobs/{job_id}",
    "GET /v1/jobs/{job_id}/manifest",
    "GET /v1/jobs/{job_id}/result",
    "DELETE /v1/jobs/{job_id}",
    "POST /v1/replays",
    "POST /v1/diffs",
    "POST /v1/claims/evaluations",
    "POST /api/v1/statement",
    "POST /api/v1/statements",
    "GET /api/v1/statement/{uuid}",
    "GET /api/v1/statement/existing-puid/{puid}",
)
"""What is answered of logs, to each token as far as it sees them; and jobs, to whom they belong."""
PAGE_ROUTES = (
    "GET /",
    "GET /workbench/search",
    "GET /workbench/events/{log}/{event_id}",
    "GET /workbench/jobs",
    "POST /workbench/jobs",
    "POST /workbench/jobs/{job_id}/cancellation",
    "GET /workbench/time",
    "GET /workbench/lists/{name}",
    "GET /workbench/subject",
    "GET /workbench/policies",
    "GET /workbench/claims",
    "POST /workbench/claims",
    "GET /workbench/durations",
    "GET /workbench/reports",
    "GET /workbench/reports/{name}",
    "GET /workbench/reports/{name}/file",
    "POST /workbench/sign-out",
)
"""Pages of the workbench, which show each reader what the API answers that reader."""
RIGHTS: Mapping[str, Right] = {
    **dict.fromkeys(OPEN_ROUTES, "OPEN"),
    **dict.fromkeys((*LOG_ROUTES, *PAGE_ROUTES), EVERY_ROLE),
    "POST /v1/logs/{slug}/events": APPENDERS,
    "POST /v1/erasures": ERASES,
    "GET /v1/keys": READS_KEYS,
    "GET /v1/accesses": READS_ACCESSES,
    "GET /metrics": OPERATORS,
    "POST /v1/logs": OPERATORS,
    "POST /logs/{slug}/dumps": OPERATORS,
    "GET /v1/tokens": OPERATORS,
    "POST /v1/tokens": OPERATORS,
    "POST /v1/tokens/{token_id}/rotation": OPERATORS,
    "DELETE /v1/tokens/{token_id}": OPERATORS,
    "GET /workbench/tokens": OPERATORS,
    "POST /workbench/tokens": OPERATORS,
    "POST /workbench/tokens/{token_id}/rotation": OPERATORS,
    "GET /workbench/tokens/{token_id}/revocation": OPERATORS,
    "POST /workbench/tokens/{token_id}/revocation": OPERATORS,
}
"""By method and path."""
TELLS_METHODS = "OPTIONS"
"""The framework's own: it answers which methods a path takes, to whoever has a token."""


def named_routes(routes: Iterable[BaseRoute]) -> set[str]:
    """Return the routes of an application by method and path, as `RIGHTS` names them."""
    return {
        f"{method} {route.path_format}"
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != TELLS_METHODS
    }


def check_declared(routes: Iterable[BaseRoute]) -> None:
    """Raise LookupError where an application has a route of which no right is declared: it must not start."""
    undeclared = sorted(named_routes(routes) - RIGHTS.keys())
    if undeclared:
        raise LookupError(f"no right is declared in api.route_rights of {', '.join(undeclared)}")
