"""POSSIBLE_PII_IN_FREE_TEXT, INSUFFICIENT_SOURCE: what an event says that it should not, or on whose word (7, 10)."""

import re
from collections.abc import Iterator

from ledger.domain.party_events import PartiesLinked
from projections.flags.history import History
from projections.flags.rule import Check, Finding, Surroundings
from projections.flags.texts import texts_of

FREE_TEXT = frozenset({
    "agenda",
    "conditions",
    "decision_facts",
    "decision_visibility_other",
    "explanation",
    "finding",
    "ground",
    "grounds",
    "inputs",
    "items",
    "mandate_source",
    "objectives",
    "position",
    "powers",
    "quote",
    "reason",
    "reasons",
    "result",
    "source",
    "statement",
    "title",
    "trigger",
})  # fmt: skip
"""Members that hold sentences, at any depth. Ids, hashes and codes have long numbers of their own right."""
PATTERNS = {
    "a number of 16 digits": re.compile(r"(?<![0-9])(?:[0-9][ .-]?){15}[0-9](?![0-9])"),
    "an e-mail address": re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "a telephone number": re.compile(r"(?<![0-9A-Za-z])(?:\+[1-9]|0[1-9])(?:[ .()-]{0,2}[0-9]){7,13}(?![0-9])"),
}
"""What personal data looks like: a NIK, an address, a number with its country's or trunk prefix."""
HEARSAY = frozenset({"PRESS", "ADVERTORIAL"})
EVEN_ODDS = 0.5
"""The confidence below which a link of parties rests on too little (domain.md 7.2)."""


def find_personal(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find sentences with what looks like personal data; what it is is never repeated."""
    for fact in (*history.facts, *history.corrections):
        found = {name: what for name, text in texts_of(fact) if name in FREE_TEXT for what in _looks_like(text)}
        for name, what in sorted(found.items()):
            yield Finding(fact=fact, detail=f"Member {name} holds what looks like {what}.", about=name)


def _looks_like(text: str) -> list[str]:
    return [what for what, pattern in PATTERNS.items() if pattern.search(text)][:1]


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
