"""A token of every role, for the matrices of rights."""

from collections.abc import Mapping

import msgspec

from api.examples import read_examples
from ledger.rights import ROLES, Role
from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.desk import CLOUDEVENTS, SHOP, Desk, event

PARTIES: Mapping[str, str] = {"PARTNER_AGENCY": "party:us", "RIGHTS_HOLDER": "party:us", "TASK_FORCE": "body:us"}
TIME = "2026-01-01T00:00:00Z"


async def many_of(desk: Desk) -> Desk:
    """Return the desk with a token of each role, named by it, for the log `shop`; the task force has a mandate."""
    laws = await desk.service.create_log("laws", "REGISTER", "Asia/Jakarta", "ID", "CONFIDENTIAL")
    mandate = [
        event("us-1", "BodyEstablished", "body:us", TIME, kind="TASK_FORCE"),
        event("us-2", "BodyMandateAdopted", "body:us", TIME, objectives=["all"], powers=["all"], members=[]),
    ]
    response = await desk.append(msgspec.json.encode(mandate), laws.slug, CLOUDEVENTS)
    assert response.status_code == 201, response.text
    keeper = desk.service.database.pool("keeper")
    for role in ROLES:
        logs = [] if role == "operator" else [SHOP]
        desk.tokens = {**desk.tokens, role: await create_token(keeper, role, logs, None, grant_of(role))}
    return desk


def grant_of(role: Role) -> Grant:
    """Return a grant with all that a role needs; cases are those of the examples."""
    subjects = {example["subject"] for example in read_examples().values()}
    named = role in {"ODR_ADMIN", "LAW_ENFORCEMENT", "COURT"}
    return Grant(role=role, party=PARTIES.get(role), subjects=tuple(sorted(subjects)) if named else ())
