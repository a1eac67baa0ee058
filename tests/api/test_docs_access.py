"""The page about access: every token that it names can be made, and it tells of every role what it may append."""

import re
import shlex

import pytest

from api.cli import parser
from api.docs_pages import read_guide
from api.docs_rights import NOTHING
from ledger.domain.instants import parse_instant
from ledger.rights import ROLES, may_append, read_role
from ledger.scopes import Grant
from ledger.server.embedded import EmbeddedServer
from ledger.tokens import create_token
from tests.api.demonstrated import demonstrated_desk

GIVEN = re.compile(r"`(--role [^`]*)`")
APPENDED = re.compile(r"^\| (\w+) \| ([\w, ]+) \|$", re.MULTILINE)


def grant_of(words: str) -> Grant:
    """Return what the command line makes of the options of a token."""
    said = parser().parse_args(["token", "create", *shlex.split(words)])
    return Grant(
        role=read_role(said.role),
        logs=tuple(said.log),
        jurisdictions=tuple(said.jurisdiction),
        subjects=tuple(said.subject),
        party=said.party,
        window_from=None if said.window_from is None else parse_instant(said.window_from),
        window_to=None if said.window_to is None else parse_instant(said.window_to),
    )


async def test_every_token_of_the_page_can_be_made_for_the_demonstration(server: EmbeddedServer, template: str) -> None:
    grants = [grant_of(words) for words in GIVEN.findall(read_guide("access"))]
    async with demonstrated_desk(server, template) as desk:
        keeper = desk.service.database.pool("keeper")
        for grant in grants:
            await create_token(keeper, grant.role, grant.logs, None, grant)
    others = {"AGENT": "RIGHTS_HOLDER", "LAW_ENFORCEMENT": "COURT", "PUBLIC": "RESEARCHER"}  # each as the other
    assert {grant.role for grant in grants} == set(ROLES) - set(others)


@pytest.mark.parametrize("role", ROLES)
def test_the_page_tells_what_a_role_may_append(role: str) -> None:
    told: dict[str, str] = dict(APPENDED.findall(read_guide("access")))
    types: list[str] = [] if told[role] == NOTHING else told[role].split(", ")
    assert bool(types) is (role not in {"operator", "RESEARCHER", "PUBLIC"})
    assert all(may_append(role, one) for one in types)
