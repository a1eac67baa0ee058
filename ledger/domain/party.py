"""Parties: the legal and natural persons behind accounts, their identifiers, size and links (domain.md 7.2).

† members are in no state: who may read them reads the event.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.party_events import (
    EVENTS,
    NATURAL,
    NPWP,
    PARTY,
    PRIVACY,
    REGISTRATION,
    PartiesLinked,
    PartiesUnlinked,
    PartyClassified,
    PartyIdentifierAdded,
    PartyRegistered,
    is_personal,
)
from ledger.domain.payload import Money
from ledger.domain.rules import Breach, only_one
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

DIRECTED = frozenset({"OWNS", "CONTROLS"})
"""Relations in which it matters who is first."""


class PartyIdentifier(Value, frozen=True, kw_only=True):
    """A number that a register gave a party; without `value` where that is personal."""

    scheme: str
    value: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    added_by: str
    added_at: str


class Classification(Value, frozen=True, kw_only=True):
    """The size that a party was found to have."""

    size_class: str | None = None
    size_basis: str | None = None
    employees: int | None = None
    turnover: Money | None = None
    assessed_by: str | None = None
    classified_at: str


class Link(Value, frozen=True, kw_only=True):
    """A link between two parties. It holds until it is unlinked."""

    party_a: str
    party_b: str
    relation: str
    confidence: str | None = None
    method: str | None = None
    linked_at: str
    linked_by: str
    unlinked_at: str | None = None
    unlinked_by: str | None = None


class Party(State, frozen=True, kw_only=True):
    """State of a party. The last of `classes` is the one it has; `links` are by `link_key`."""

    kind: str | None = None
    name: str | None = None
    country: str | None = None
    subject_id: str | None = None
    registered_at: str | None = None
    identifiers: tuple[PartyIdentifier, ...] = ()
    classes: tuple[Classification, ...] = ()
    links: Mapping[str, Link] = msgspec.field(default_factory=dict[str, Link])


def link_key(party_a: str, party_b: str, relation: str) -> str:
    """Return the key of a link: the same whoever is named first, unless the relation has a direction."""
    first, second = (party_a, party_b) if relation in DIRECTED else sorted((party_a, party_b))
    return f"{first}|{second}|{relation}"


def begin(subject: str) -> Party:
    """Return the state before any event."""
    return Party(id=subject)


def apply(state: Party, fact: Fact) -> Party:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Party, fact: Fact) -> Party:
    at = format_instant(fact.time)
    match fact.payload:
        case PartyRegistered() as registered:
            return msgspec.structs.replace(
                state,
                kind=registered.kind,
                name=None if registered.kind == NATURAL else registered.name,
                country=registered.country,
                subject_id=registered.subject_id,
                registered_at=at,
            )
        case PartyIdentifierAdded() as added:
            return msgspec.structs.replace(state, identifiers=(*state.identifiers, _identifier(added, fact.id, at)))
        case PartyClassified() as classified:
            names = ("size_class", "size_basis", "employees", "turnover", "assessed_by")
            found = {name: getattr(classified, name) for name in names}
            classification = Classification(classified_at=at, **found)
            return msgspec.structs.replace(state, classes=(*state.classes, classification))
        case PartiesLinked() as linked:
            key = link_key(linked.party_a, linked.party_b, linked.relation)
            return msgspec.structs.replace(state, links={**state.links, key: _link(linked, fact.id, at)})
        case PartiesUnlinked() as unlinked:
            links = {key: _unlinked(link, unlinked, fact.id, at) for key, link in state.links.items()}
            return msgspec.structs.replace(state, links=links)
        case _:
            return state


def _identifier(added: PartyIdentifierAdded, event_id: str, at: str) -> PartyIdentifier:
    return PartyIdentifier(
        scheme=added.scheme,
        value=None if is_personal(added.scheme, added.subject_id) else added.value,
        valid_from=added.valid_from,
        valid_to=added.valid_to,
        added_by=event_id,
        added_at=at,
    )


def _link(linked: PartiesLinked, event_id: str, at: str) -> Link:
    return Link(
        party_a=linked.party_a,
        party_b=linked.party_b,
        relation=linked.relation,
        confidence=linked.confidence,
        method=linked.method,
        linked_at=at,
        linked_by=event_id,
    )


def _unlinked(link: Link, unlinked: PartiesUnlinked, event_id: str, at: str) -> Link:
    """End a link that still holds, when it is one of those meant."""
    relation = unlinked.relation or link.relation
    meant = link_key(unlinked.party_a, unlinked.party_b, relation) == link_key(
        link.party_a, link.party_b, link.relation
    )
    if not meant or link.unlinked_at is not None:
        return link
    return msgspec.structs.replace(link, unlinked_at=at, unlinked_by=event_id)


def describe(state: Party, _moment: datetime) -> dict[str, Any]:
    """Return the party as JSON values, with the size it has; each link says whether it is `linked`."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    current = state.classes[-1] if state.classes else None
    item["size_class"] = None if current is None else current.size_class
    item["size_basis"] = None if current is None else current.size_basis
    item["identifiers"] = msgspec.to_builtins(state.identifiers)
    item["classes"] = msgspec.to_builtins(state.classes)
    item["links"] = [
        {**msgspec.to_builtins(link), "linked": link.unlinked_at is None} for _, link in sorted(state.links.items())
    ]
    return item


def judge_privacy(facts: Sequence[Fact]) -> Breach | None:
    """Judge what is kept in clear: no tax number of a party that was registered as a natural person before it.

    One that came before the registration is in clear for good; refusing the registration would not help it.
    """
    registered = [fact.position for fact in facts if isinstance(fact.payload, PartyRegistered)]
    for fact in facts:
        if not isinstance(fact.payload, PartyIdentifierAdded) or fact.payload.scheme != NPWP:
            continue
        if registered and registered[0] < fact.position:
            detail = "a natural person's number is personal: subject_id is needed beside it"
            return Breach("pii-without-subject", "/data/value", detail, fact.id)
    return None


STREAM = Stream(
    kind=PARTY[0],
    pattern=r"^party:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={REGISTRATION: only_one("the party's registration", "/type"), PRIVACY: judge_privacy},
)
