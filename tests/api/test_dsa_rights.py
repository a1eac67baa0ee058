"""Who may submit statements of reasons, read them, and read or publish their daily files. Absent means 403."""

import pytest

from ledger.rights import ROLES
from tests.api.desk import SHOP, Desk, Json
from tests.api.roles import many_of
from tests.api.statements_of_reasons import MANY, ONE, statement, submit

SUBMITS = {"PLATFORM_WRITER"}
READS = {"operator", "PLATFORM_WRITER", "PLATFORM_COMPLIANCE", "REGULATOR", "TASK_FORCE", "AUDITOR"}
PUBLISHES = {"operator"}


@pytest.fixture(scope="module")
async def many(shared_desk: Desk) -> Desk:
    """Return a desk with a token of each role, named by it."""
    return await many_of(shared_desk)


@pytest.mark.parametrize("sent", [None, {"statements": [None]}])
@pytest.mark.parametrize("path", [ONE, MANY])
async def test_nobody_hears_what_is_wrong_with_a_statement_but_who_may_submit_one(
    many: Desk, path: str, sent: Json
) -> None:
    answers = {role: (await submit(many, sent, path, role, log=SHOP)).status_code for role in ROLES}

    assert answers == {role: 422 if role in SUBMITS else 403 for role in ROLES}


async def test_a_sound_statement_is_taken_from_who_may_submit_it_and_from_nobody_else(many: Desk) -> None:
    answers = {role: (await submit(many, statement(role), who=role, log=SHOP)).status_code for role in ROLES}

    assert answers == {role: 201 if role in SUBMITS else 403 for role in ROLES}


@pytest.mark.parametrize(
    ("method", "path", "status", "roles"),
    [
        ("GET", f"{ONE}/existing-puid/nobody?log={SHOP}", 404, READS),
        ("GET", f"{ONE}/nobody?log={SHOP}", 404, READS),
        ("GET", f"/logs/{SHOP}/dumps", 200, READS),
        ("GET", f"/logs/{SHOP}/dumps/nobody.csv", 404, READS),
        ("POST", f"/logs/{SHOP}/dumps", 422, PUBLISHES),
    ],
)
async def test_a_path_is_for_these_roles_and_for_nobody_else(
    many: Desk, method: str, path: str, status: int, roles: set[str]
) -> None:
    answers = {role: (await many.ask(method, path, who=role, content=b"{}")).status_code for role in ROLES}

    assert answers == {role: status if role in roles else 403 for role in ROLES}
