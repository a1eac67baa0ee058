"""What a task force may: what its token names, while its body has a mandate, and as far as that goes (domain.md 3)."""

import msgspec

from api.present import Present, present_of
from ledger.domain.body import Body
from ledger.domain.body_events import BodyMandateAdopted
from ledger.domain.restriction import WORLD
from ledger.store import Reader, find_logs
from ledger.tokens import Credential

MANDATING = frozenset({"AUTHORITY", "REGISTER"})
"""Kinds of logs in which a mandate counts: nobody gives one to himself."""


async def mandated(reader: Reader, credential: Credential) -> Credential:
    """Return a task force's credential as its body's mandate limits it: to nothing, where there is none in force."""
    logs = [log for log in await find_logs(reader) if log.kind in MANDATING]
    bodies = await present_of(reader, logs, credential.party) if credential.party is not None else []
    jurisdictions = {country for body in bodies for country in credential.jurisdictions if _reaches(body, country)}
    if not any(_in_force(body) for body in bodies):
        return msgspec.structs.replace(credential, logs=(), jurisdictions=())
    return msgspec.structs.replace(credential, jurisdictions=tuple(sorted(jurisdictions)))


def _in_force(body: Present) -> bool:
    state = body.state
    return isinstance(state, Body) and state.state == "ESTABLISHED" and state.mandate is not None


def _reaches(body: Present, country: str) -> bool:
    """Tell whether a mandate is for a country: the last one's territory says, and without one it is for all."""
    if not _in_force(body):
        return False
    scopes = [fact.payload.territorial_scope for fact in body.facts if isinstance(fact.payload, BodyMandateAdopted)]
    territory = scopes[-1] if scopes else None
    return territory is None or country in territory or WORLD in territory
