"""Who holds the same identifier: parties and accounts of one person, told by tokens that nobody is shown (domain.md 4).

A token stands in the log encrypted. It is opened here to be compared, and goes no further: an answer says that two
are one, and never by which number. What was erased matches nothing any more.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from ledger.domain.party_events import PartyIdentifierAdded, is_personal
from ledger.domain.verification import SellerVerified
from ledger.intake import LogInfo
from ledger.keys import Sealed
from projections.inquiry import Inquiry, Known

PAGE_IDENTIFIERS = 1_000
"""Identifiers compared at once: their keys are looked up in one statement."""


class Identifier(Struct, frozen=True, kw_only=True):
    """An encrypted identifier in a log, and the party or account that holds it."""

    holder: str
    log: LogInfo
    sealed: Sealed


def identifiers_of(known: Known, holder: str) -> Iterator[Identifier]:
    """Yield the identifiers of persons that a stream has got until the moment."""
    for fact in known.happened():
        match fact.payload:
            case PartyIdentifierAdded(subject_id=str(subject)) as added if is_personal(added.scheme, subject):
                sealed = Sealed(subject, fact.id, "/data/value", added.value)
            case SellerVerified(subject_id=str(subject), national_id_token=str(text)):
                sealed = Sealed(subject, fact.id, "/data/national_id_token", text)
            case _:
                continue
        yield Identifier(holder=holder, log=known.log, sealed=sealed)


async def same_holders(inquiry: Inquiry, identifiers: Sequence[Identifier]) -> list[tuple[str, str]]:
    """Return pairs of holders of the same identifier; all who hold it are joined by such pairs."""
    holders: dict[str, set[str]] = {}
    logs = {one.log.log_id: one.log for one in identifiers}
    for log_id, log in logs.items():
        own = [one for one in identifiers if one.log.log_id == log_id]
        for start in range(0, len(own), PAGE_IDENTIFIERS):
            page = own[start : start + PAGE_IDENTIFIERS]
            tokens = await inquiry.match(log, [one.sealed for one in page])
            for one, token in zip(page, tokens, strict=True):
                if token is not None:
                    holders.setdefault(token, set()).add(one.holder)
    return [pair for together in holders.values() for pair in pairwise(sorted(together))]
