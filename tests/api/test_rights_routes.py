"""The matrix of rights, written by hand from domain.md section 3: route by role. A route that is absent fails.

What is asked is about `shop`, the CONFIDENTIAL log of a platform that every token names, and about one listing there.
A role that may gets an answer, or hears what is wrong with the question; a role that may not gets 403 and nothing else.
"""

import re
from collections.abc import Mapping

import msgspec
import pytest

from api import auth, route_rights
from api.app import make_app
from api.route_rights import RIGHTS, named_routes
from api.sessions import is_page
from ledger.rights import ROLES
from tests.api.desk import SHOP, Desk, published
from tests.api.roles import many_of

EVERYBODY = " ".join(ROLES)
WHOLE = "operator PLATFORM_WRITER PLATFORM_COMPLIANCE REGULATOR TASK_FORCE AUDITOR"
"""Who reads a platform's log: those above the platform, it itself, and who audits it."""
CASES = f"{WHOLE} RIGHTS_HOLDER AGENT ALLIANCE_SECRETARIAT PARTNER_AGENCY ODR_ADMIN LAW_ENFORCEMENT COURT"
"""Who sees cases of it: they are told of what is not theirs that it is not there."""
APPENDS = " ".join(role for role in ROLES if role not in {"operator", "RESEARCHER", "PUBLIC"})
"""A token appends to logs that it names; which types of events, the other matrix says."""
SAYS = f"?log={SHOP}"
SUBJECT = f"{SAYS}&subject=listing:shop:L1"
OF_ONE_LOG: tuple[str, ...] = (
    "GET /v1/agreements",
    "GET /v1/appeals",
    "GET /v1/authority-orders",
    "GET /v1/bodies",
    "GET /v1/breaches",
    "GET /v1/claims",
    "GET /v1/completeness",
    "GET /v1/corrections",
    "GET /v1/deadlines",
    "GET /v1/disputes",
    "GET /v1/counts",
    "GET /v1/events",
    "GET /v1/export",
    "GET /v1/flags",
    "GET /v1/information-requests",
    "GET /v1/investigations",
    "GET /v1/ip-rights",
    "GET /v1/listings",
    "GET /v1/meetings",
    "GET /v1/memberships",
    "GET /v1/notifiers",
    "GET /v1/parties",
    "GET /v1/policies",
    "GET /v1/programmes",
    "GET /v1/recidivism",
    "GET /v1/referrals",
    "GET /v1/reports/{name}",
    "GET /v1/restrictions",
    "GET /v1/sellers",
    "GET /v1/services",
    "GET /v1/takedowns",
)
"""What is asked of a whole log, which the query names."""
OPEN: tuple[str, ...] = (
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
)
"""What needs no token: tests.api.test_rights asks it without one."""
PLACES = {
    "{slug}": SHOP,
    "{event_id}": "pub-L1",
    "{size}": "1",
    "reports/{name}": "reports/transparency",
    "entries/{place}": "entries/000",
}
"""What stands for the names in a path, where it matters."""
TABLE: Mapping[str, tuple[str, str]] = {
    # route: (what is asked of it, who may)
    "GET /metrics": ("", "operator"),
    "POST /v1/logs": ("", "operator"),
    "GET /v1/logs": ("", EVERYBODY),
    "GET /v1/logs/{slug}": ("", WHOLE),
    "GET /v1/logs/{slug}/checkpoints/{size}": ("", WHOLE),
    "GET /v1/logs/{slug}/consistency": ("", WHOLE),
    "GET /v1/logs/{slug}/events/{event_id}": ("", CASES),
    "GET /v1/logs/{slug}/events/{event_id}/entry": ("", WHOLE),
    "GET /v1/logs/{slug}/events/{event_id}/proof": ("", WHOLE),
    "GET /v1/logs/{slug}/events": (SUBJECT.replace(f"log={SHOP}&", ""), CASES),
    "POST /v1/logs/{slug}/events": ("", APPENDS),
    "GET /v1/logs/{slug}/export": ("", WHOLE),
    "GET /v1/logs/{slug}/stream": ("", WHOLE),
    **dict.fromkeys(OF_ONE_LOG, (SAYS, WHOLE)),
    "GET /v1/subject": (SUBJECT, CASES),
    "GET /v1/subject/history": (SUBJECT, CASES),
    "GET /v1/subject/timeline": (SUBJECT, CASES),
    "POST /v1/claims/evaluations": (SAYS, WHOLE),
    "POST /v1/replays": (SAYS, WHOLE),
    "POST /v1/diffs": (SAYS, WHOLE),
    "POST /v1/erasures": ("", "operator PRIVACY_OFFICER"),
    "GET /v1/erasures": (SAYS, f"{WHOLE} PRIVACY_OFFICER"),
    "GET /v1/keys": ("", "operator PRIVACY_OFFICER"),
    "GET /v1/accesses": ("", "operator PRIVACY_OFFICER REGULATOR AUDITOR"),
    "GET /v1/tokens": ("", "operator"),
    "POST /v1/tokens": ("", "operator"),
    "POST /v1/tokens/{token_id}/rotation": ("", "operator"),
    "DELETE /v1/tokens/{token_id}": ("", "operator"),
    "GET /v1/reports": ("", EVERYBODY),
    "GET /v1/jobs": ("", EVERYBODY),
    "GET /v1/jobs/{job_id}": ("", EVERYBODY),
    "GET /v1/jobs/{job_id}/manifest": ("", EVERYBODY),
    "GET /v1/jobs/{job_id}/result": ("", EVERYBODY),
    "DELETE /v1/jobs/{job_id}": ("", EVERYBODY),
    "GET /v1/packs": (SUBJECT, CASES),
    "POST /logs/{slug}/dumps": ("", "operator"),
    "GET /logs/{slug}/dumps": ("", WHOLE),
    "GET /logs/{slug}/dumps/{name}": ("", WHOLE),
    "GET /logs/{slug}/tile/entries/{place}": ("", WHOLE),
    "GET /logs/{slug}/checkpoint": ("", EVERYBODY),
    "GET /logs/{slug}/log.json": ("", EVERYBODY),
    "GET /logs/{slug}/tile/{place}": ("", EVERYBODY),
    **dict.fromkeys(OPEN, ("", EVERYBODY)),
    "GET /": ("", EVERYBODY),
    "GET /workbench/events/{log}/{event_id}": ("", EVERYBODY),
    "GET /workbench/jobs": ("", EVERYBODY),
    "GET /workbench/search": ("", EVERYBODY),
    "GET /workbench/time": ("", EVERYBODY),
    "GET /workbench/lists/{name}": ("", EVERYBODY),
    "GET /workbench/subject": ("", EVERYBODY),
    "GET /workbench/policies": ("", EVERYBODY),
    "GET /workbench/claims": ("", EVERYBODY),
    "GET /workbench/durations": ("", EVERYBODY),
    "GET /workbench/reports": ("", EVERYBODY),
    "GET /workbench/reports/{name}": ("", EVERYBODY),
    "GET /workbench/reports/{name}/file": ("", EVERYBODY),
    "GET /workbench/tokens": ("", "operator"),
    "GET /workbench/tokens/{token_id}/revocation": ("", "operator"),
    "GET /workbench/sign-in": ("", EVERYBODY),
    "GET /workbench/static/{name}": ("", EVERYBODY),
}
BODY_SAYS = {
    "POST /v1/claims/evaluations": {"claim": "claim:shop:C", "log": SHOP, "predicate_id": "P", "as_of": "2026-01-01"},
    "POST /v1/replays": {"logs": [SHOP]},
    "POST /v1/diffs": {"logs": [SHOP]},
}
"""Where the body says which log is meant."""
ENDLESS = ("/stream",)
"""What is answered for ever is asked by those alone who may not."""
ELSEWHERE = {
    "POST /api/v1/statement",
    "POST /api/v1/statements",
    "GET /api/v1/statement/{uuid}",
    "GET /api/v1/statement/existing-puid/{puid}",
    "POST /workbench/sign-in",
    "POST /workbench/jobs",
    "POST /workbench/jobs/{job_id}/cancellation",
    "POST /workbench/claims",
    "POST /workbench/tokens",
    "POST /workbench/tokens/{token_id}/rotation",
    "POST /workbench/tokens/{token_id}/revocation",
    "POST /workbench/sign-out",
    "POST /workbench/preferences",
}
"""The DSA's own API answers as that does, tests.api.test_dsa_rights says to whom; forms are for browsers."""


@pytest.fixture(scope="module")
async def many(shared_desk: Desk) -> Desk:
    """Return a desk with a token of each role, named by it, and one listing in the log `shop`."""
    await shared_desk.tell(published("L1"))
    return await many_of(shared_desk)


def test_every_route_of_the_application_stands_in_the_table_and_no_other(many: Desk) -> None:
    assert named_routes(make_app(many.service).routes) == TABLE.keys() | ELSEWHERE


@pytest.mark.parametrize("route", sorted(TABLE))
async def test_a_route_is_for_the_roles_that_the_table_says_and_for_nobody_else(many: Desk, route: str) -> None:
    method, _, path = route.partition(" ")
    query, roles = TABLE[route]
    for name, value in PLACES.items():
        path = path.replace(name, value)
    path = re.sub(r"\{[^}]*\}", "none", path) + query
    content = msgspec.json.encode(BODY_SAYS[route]) if route in BODY_SAYS else b"{}"
    allowed: set[str] = set()
    for role in ROLES:
        if route.endswith(ENDLESS) and role in roles.split():
            allowed.add(role)
            continue
        response = await many.ask(method, path, who=role, content=content if method == "POST" else None)
        if response.status_code == 403:
            assert is_page(path) or response.json()["type"] in {"/problems/forbidden", "/problems/forbidden-role"}
        else:
            allowed.add(role)
        assert response.status_code < 500, response.text
    assert allowed == set(roles.split())


@pytest.mark.parametrize("route", ["GET /v1/logs", "GET /docs", "POST /v1/tokens"])
async def test_a_route_of_which_no_right_is_declared_is_refused_at_the_start_and_to_everybody(
    many: Desk, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (auth, route_rights):
        monkeypatch.setattr(module, "RIGHTS", {name: right for name, right in RIGHTS.items() if name != route})
    with pytest.raises(LookupError, match=f"no right is declared in api.route_rights of {route}$"):
        make_app(many.service)
    method, _, path = route.partition(" ")
    answers = {role: (await many.ask(method, path, who=role, content=b"{}")).status_code for role in ROLES}
    known = 401 if route == "GET /docs" else 403  # who asks is not looked at where everybody may
    assert answers == dict.fromkeys(ROLES, known)
