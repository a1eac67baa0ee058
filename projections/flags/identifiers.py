"""IDENTIFIER_COLLISION and AMBIGUOUS_REFERENCE: one name for two things (domain.md 7.2, 7.5; design.md, References)."""

from collections.abc import Iterator

from ledger.domain.catalogue import SUBJECTS, kind_of
from ledger.domain.fact import Fact
from ledger.domain.membership_events import BrandAssociated
from ledger.domain.party_events import PartyIdentifierAdded, is_personal
from projections.flags.history import History
from projections.flags.rule import Check, Finding, Needs, Surroundings
from projections.flags.texts import texts_of
from projections.inquiry import Known

PARTY, MEMBERSHIP = frozenset({"party"}), frozenset({"membership"})
SHARED = frozenset({"policy", "agreement", "taxonomy", "calendar", "ip_right", "programme", "body", "party"})
"""Kinds of streams that several share, so that a register may define what a log defines itself."""


def need_parties(history: History) -> Needs:
    """Need every party, where one got a number."""
    return Needs(kinds=PARTY) if history.of(PartyIdentifierAdded) else Needs()


def find_shared_numbers(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find numbers that another party has, too. Personal ones are kept under keys of their own, and match nothing."""
    for fact, added in history.of(PartyIdentifierAdded):
        if is_personal(added.scheme, added.subject_id):
            continue
        for other in _others(history, around, "party"):
            same = next((one for one in other.happened() if _is_number(one, added)), None)
            if same is not None:
                detail = f"Another party has the same {added.scheme}."
                yield Finding(fact=fact, detail=detail, related=(other.subject, same.id), about=other.subject)


def _is_number(fact: Fact, added: PartyIdentifierAdded) -> bool:
    payload = fact.payload
    return isinstance(payload, PartyIdentifierAdded) and (payload.scheme, payload.value) == (added.scheme, added.value)


def need_members(history: History) -> Needs:
    """Need every membership, where a member stands for a brand."""
    return Needs(kinds=MEMBERSHIP) if history.of(BrandAssociated) else Needs()


def find_shared_brands(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find brands that two members of one body stand for: a brand is counted once."""
    body = history.known.subject.split(":")[1]
    others = [one for one in _others(history, around, "membership") if one.subject.split(":")[1] == body]
    for fact, associated in history.of(BrandAssociated):
        for other in others:
            if _has_brand(other, associated.brand_id):
                detail = f"Another member of the body stands for {associated.brand_id}, too."
                yield Finding(fact=fact, detail=detail, related=(other.subject,), about=other.subject)


def _has_brand(known: Known, brand_id: str) -> bool:
    """Tell whether a member stands for a brand at the moment: what it last said of the brand."""
    said = [fact for fact in known.happened() if getattr(fact.payload, "brand_id", None) == brand_id]
    return bool(said) and isinstance(
        max(said, key=lambda one: (known.when(one), one.position)).payload, BrandAssociated
    )


def _others(history: History, around: Surroundings, kind: str) -> Iterator[Known]:
    """Yield the other streams of a kind; the same subject in a register is another definition, not another thing."""
    return (one for one in around.kinds.get(kind, ()) if one.subject != history.known.subject)


def references_of(fact: Fact) -> set[str]:
    """Return the streams of shared kinds that an event refers to."""
    return {text for _, text in texts_of(fact) if kind_of(text) in SHARED and SUBJECTS[kind_of(text)].match(text)}


def need_references(history: History) -> Needs:
    """Need everything shared that events refer to."""
    return Needs(references=frozenset[str]().union(*map(references_of, history.facts)))


def find_ambiguous(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find references to what the log and a register define, or two registers."""
    for fact in history.facts:
        for reference in sorted(references_of(fact)):
            definitions = around.definitions.get(reference, ())
            if len(definitions) > 1:
                logs = " and ".join(one.log.slug for one in definitions)
                detail = f"{reference} is defined in {logs}; the first is taken."
                yield Finding(fact=fact, detail=detail, related=(reference,), about=reference)


SHARED_NUMBER = Check(find=find_shared_numbers, kinds=PARTY, needs=need_parties)
SHARED_BRAND = Check(find=find_shared_brands, kinds=MEMBERSHIP, needs=need_members)
AMBIGUOUS_REFERENCE = Check(find=find_ambiguous, needs=need_references)
