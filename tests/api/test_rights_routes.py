"""The matrix of rights, written by hand from domain.md section 3: route by role. Absent means 403, and lists likewise.

What is asked is about `shop`, the CONFIDENTIAL log of a platform that every token names, and about one listing there.
A role that may gets an answer, or hears what is wrong with the question; a role that may not gets 403 and nothing else.
"""

import re
from collections.abc import Mapping

import msgspec
import pytest

from api.app import ROUTES
from ledger.rights import ROLES
from tests.api.desk import SHOP, Desk, published
from tests.api.roles import many_of

EVERYBODY = " ".join(ROLES)
WHOLE = "operator PLATFORM_WRITER PLATFORM_COMPLIANCE REGULATOR TASK_FORCE AUDITOR"
"""Who reads a platform's log: those above the platform, it itself, and who audits it."""
CASES = f"{WHOLE} RIGHTS_HOLDER AGENT ALLIANCE_SECRETARIAT PARTNER_AGENCY ODR_ADMIN LAW_ENFORCEMENT COURT"
"""Who sees cases of it: they are told of what is not theirs that it is not there."""
APPENDS = EVERYBODY.replace("operator ", "")
"""A token appends to logs that it names; which types of events, the other matrix says."""
SAYS = f"?log={SHOP}"
SUBJECT = f"{SAYS}&subject=listing:shop:L1"
TABLE: Mapping[str, tuple[str, str]] = {
    # route: (what is asked of it, who may)
    "GET /metrics": ("", "operator"),
    "POST /v1/logs": ("", "operator"),
    "GET /v1/logs": ("", EVERYBODY),
    "GET /v1/logs/{slug:str}/events/{event_id:str}": ("", CASES),
    "GET /v1/logs/{slug:str}/events": (SUBJECT.replace(f"log={SHOP}&", ""), CASES),
    "POST /v1/logs/{slug:str}/events": ("", APPENDS),
    "GET /v1/subject": (SUBJECT, CASES),
    "GET /v1/subject/history": (SUBJECT, CASES),
    "GET /v1/subject/timeline": (SUBJECT, CASES),
    "POST /v1/erasures": ("", "operator PRIVACY_OFFICER"),
    "GET /v1/erasures": (SAYS, f"{WHOLE} PRIVACY_OFFICER"),
    "GET /v1/keys": ("", "operator PRIVACY_OFFICER"),
    "GET /v1/accesses": ("", "operator PRIVACY_OFFICER REGULATOR AUDITOR"),
    "GET /v1/tokens": ("", "operator"),
    "POST /v1/tokens": ("", "operator"),
    "POST /v1/tokens/{token_id:str}/rotation": ("", "operator"),
    "DELETE /v1/tokens/{token_id:str}": ("", "operator"),
    "GET /v1/reports": ("", EVERYBODY),
    "GET /v1/jobs": ("", EVERYBODY),
    "GET /v1/jobs/{job_id:str}": ("", EVERYBODY),
    "GET /v1/jobs/{job_id:str}/manifest": ("", EVERYBODY),
    "GET /v1/jobs/{job_id:str}/result": ("", EVERYBODY),
    "DELETE /v1/jobs/{job_id:str}": ("", EVERYBODY),
    "GET /v1/packs": (SUBJECT, CASES),
}
"""All others are about a whole log: WHOLE may ask. What is open to everybody is walked by tests.api.test_rights."""
OPEN = ("/health/", "/logs/")
BODY_SAYS = {
    "POST /v1/claims/evaluations": {"claim": "claim:shop:C", "log": SHOP, "predicate_id": "P", "as_of": "2026-01-01"},
    "POST /v1/replays": {"logs": [SHOP]},
    "POST /v1/diffs": {"logs": [SHOP]},
}
"""Where the body says which log is meant."""
ENDLESS = ("/stream",)
"""What is answered for ever is asked by those alone who may not."""
ELSEWHERE = ("/api/v1/",)
"""The DSA's own API answers as that does; tests.api.test_dsa_intake says to whom."""


@pytest.fixture(scope="module")
async def many(shared_desk: Desk) -> Desk:
    """Return a desk with a token of each role, named by it, and one listing in the log `shop`."""
    await shared_desk.tell(published("L1"))
    return await many_of(shared_desk)


def routes() -> list[str]:
    """Return every route of ours that is not open, as method and path."""
    found = [f"{method} {path}" for route in ROUTES for path in route.paths for method in route.http_methods]
    return sorted(one for one in found if not one.partition(" ")[2].startswith((*OPEN, *ELSEWHERE)))


def test_the_table_is_of_routes_that_there_are() -> None:
    assert set(TABLE) | set(BODY_SAYS) <= set(routes())


@pytest.mark.parametrize("route", routes())
async def test_a_route_is_for_the_roles_that_the_table_says_and_for_nobody_else(many: Desk, route: str) -> None:
    method, _, path = route.partition(" ")
    query, roles = TABLE.get(route, ("" if "{slug:str}" in path else SAYS, WHOLE))
    path = path.replace("{slug:str}", SHOP).replace("{event_id:str}", "pub-L1").replace("{size:int}", "1")
    path = path.replace("{name:str}", "transparency")
    path = re.sub(r"\{[^}]*\}", "none", path) + query
    content = msgspec.json.encode(BODY_SAYS[route]) if route in BODY_SAYS else b"{}"
    allowed: set[str] = set()
    for role in ROLES:
        if route.endswith(ENDLESS) and role in roles.split():
            allowed.add(role)
            continue
        response = await many.ask(method, path, who=role, content=content if method == "POST" else None)
        if response.status_code == 403:
            assert response.json()["type"] in {"/problems/forbidden", "/problems/forbidden-role"}
        else:
            allowed.add(role)
        assert response.status_code < 500, response.text
    assert allowed == set(roles.split())
