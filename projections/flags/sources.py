"""POSSIBLE_PII_IN_FREE_TEXT, INSUFFICIENT_SOURCE: what an event says that it should not, or on whose word (7, 10)."""

from collections.abc import Iterator

from ledger.domain.party_events import PartiesLinked
from projections.flags.history import History
from projections.flags.personal import looks_like
from projections.flags.rule import Check, Finding, Surroundings
from projections.flags.texts import free_texts_of

HEARSAY = frozenset({"PRESS", "ADVERTORIAL"})
EVEN_ODDS = 0.5
"""The confidence below which a link of parties rests on too little (domain.md 7.2)."""


def find_personal(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find texts with what looks like personal data; what it is is never repeated."""
    for fact in (*history.facts, *history.corrections):
        found: dict[str, str] = {}
        for member, text in free_texts_of(fact):
            what = looks_like(text, member.freedom)
            if what is not None:
                found.setdefault(member.name, what)
        for name, what in sorted(found.items()):
            yield Finding(fact=fact, detail=f"Member {name} holds what looks like {what}.", about=name)


def find_hearsay(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find events that rest on the press or on advertising alone, and links that are more unlikely than likely."""
    for fact in history.facts:
        document = fact.payload.document
        if document is not None and document.kind in HEARSAY and not fact.payload.evidence:
            yield Finding(fact=fact, detail=f"The only source is of kind {document.kind}.")
        if isinstance(fact.payload, PartiesLinked) and float(fact.payload.confidence or 1) < EVEN_ODDS:
            detail = f"The link has a confidence of {fact.payload.confidence} only."
            yield Finding(fact=fact, detail=detail, about="confidence")


POSSIBLE_PII_IN_FREE_TEXT = Check(find=find_personal)
INSUFFICIENT_SOURCE = Check(find=find_hearsay)
