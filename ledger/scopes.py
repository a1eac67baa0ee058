"""What a token was given, and what of a log that lets it see: all of it, only certain cases, or nothing. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from ledger.errors import InputError
from ledger.rights import (
    OPERATOR,
    OWN_KINDS,
    PARTICIPATES,
    READS_EVERYTHING,
    READS_JURISDICTION,
    READS_PUBLIC,
    Role,
)

Sight: TypeAlias = Literal["WHOLE", "CASES", "NOTHING"]
PARTIES: Mapping[Role, str] = {
    "PARTNER_AGENCY": "party",
    "RIGHTS_HOLDER": "party",
    "AGENT": "party",
    "ALLIANCE_SECRETARIAT": "body",
    "TASK_FORCE": "body",
}
"""Whose tokens say who they are, and as a subject of which kind."""
WINDOWED: frozenset[Role] = frozenset({"AUDITOR", "LAW_ENFORCEMENT", "COURT"})
"""Whose engagement may have a window."""
WITHOUT_LOGS: frozenset[Role] = frozenset(
    {OPERATOR, "REGULATOR", "TASK_FORCE", "RESEARCHER", "PUBLIC", "PRIVACY_OFFICER"}
)
"""Roles that see logs for another reason than that their token names them."""
CASE_MUST_BE_NAMED: frozenset[Role] = frozenset({"ODR_ADMIN", "LAW_ENFORCEMENT", "COURT"})
PARTY_MUST_BE_NAMED: frozenset[Role] = frozenset({"PARTNER_AGENCY", "TASK_FORCE"})


class LogTraits(Protocol):
    """What of a log decides who sees it."""

    @property
    def slug(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> str:
        """Whose it is: of a platform, an authority, a holder, a forum."""
        ...

    @property
    def jurisdiction(self) -> str | None:
        """The country whose authorities see it."""
        ...

    @property
    def public(self) -> bool:
        """Whether its entries are open."""
        ...


class Grant(Struct, frozen=True, kw_only=True):
    """What a token was given.

    `party` is who it stands for (`party:kca`, `body:satgas`), `subjects` the cases it is for, `window_from` and
    `window_to` the instants of knowledge that an engagement is about, the second not included.
    """

    role: Role
    logs: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    party: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    purpose: str | None = None

    @property
    def windowed(self) -> bool:
        """Tell whether only what was recorded within a window may be seen."""
        return self.window_from is not None or self.window_to is not None


def sight_of(grant: Grant, log: LogTraits) -> Sight:
    """Return what of a log a grant lets one see; which cases are a party's stands in the log itself."""
    role, named = grant.role, log.slug in grant.logs
    if role in READS_EVERYTHING or (role in READS_PUBLIC and log.public):
        return "WHOLE"
    if role in READS_JURISDICTION and log.jurisdiction is not None and log.jurisdiction in grant.jurisdictions:
        return "WHOLE"
    if named and log.kind in OWN_KINDS.get(role, ()) and not grant.subjects:
        return "WHOLE"
    return "CASES" if named and role in PARTICIPATES else "NOTHING"


def check_grant(grant: Grant) -> None:
    """Raise InputError where a role lacks what it needs, or is given what means nothing for it."""
    role = grant.role
    if role not in WITHOUT_LOGS and not grant.logs:
        raise InputError(f"a {role} is for logs: name at least one")
    if role in READS_JURISDICTION and not (grant.jurisdictions or grant.logs):
        raise InputError(f"a {role} is for a jurisdiction or for logs: name at least one")
    if role in CASE_MUST_BE_NAMED and not grant.subjects:
        raise InputError(f"a {role} is for cases: name at least one subject")
    if role in PARTY_MUST_BE_NAMED and grant.party is None:
        raise InputError(f"a {role} stands for somebody: name it as {PARTIES[role]}:...")
    if grant.jurisdictions and role not in READS_JURISDICTION:
        raise InputError(f"a {role} has no jurisdiction")
    if grant.subjects and PARTICIPATES.get(role) != "NAMED":
        raise InputError(f"a {role} is not for named subjects")
    if grant.windowed and role not in WINDOWED:
        raise InputError(f"a {role} has no window")
    if grant.window_from is not None and grant.window_to is not None and grant.window_to <= grant.window_from:
        raise InputError("the window ends before it begins")
    if grant.party is not None and not grant.party.startswith(f"{PARTIES.get(role, '')}:"):
        kind = PARTIES.get(role)
        raise InputError(f"a {role} stands for nobody" if kind is None else f"a {role} is named as {kind}:...")
