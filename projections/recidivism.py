"""Recidivism: who infringes again, under whichever account (domain.md 11 v_recidivism, 13.2, Q18).

One item for each cluster of parties in a log against which something was decided. An account without a party is a
cluster of its own. An upheld infringement is a block of one of its listings, or a strike that no such block explains,
which was not undone because it was wrong; a sanction is a restriction of an account.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from msgspec import Struct

from ledger.domain.instants import parse_instant
from ledger.domain.listing import Listing, ListingBlocked
from ledger.domain.restriction import Restriction
from ledger.domain.seller import Seller
from ledger.domain.seller_events import SellerBanned
from projections.derived import Derivation, Item, Narrowing
from projections.holders import Identifier, identifiers_of, same_holders
from projections.inquiry import Inquiry
from projections.moment import LogAt
from projections.party_clusters import Clusters

UNDOING = frozenset(
    {
        "COUNTER_NOTICE_UPHELD",
        "WAITING_PERIOD_ELAPSED",
        "APPEAL_UPHELD",
        "ODS_DECISION_IMPLEMENTED",
        "COURT_DECISION",
        "NOTICE_WITHDRAWN",
        "PLATFORM_ERROR",
        "LICENCE_SHOWN",
    }
)
"""Grounds of an end by which there was no infringement; a cured defect, or a repealed policy, was one until then."""
PERIOD = timedelta(days=365)
"""In which infringements add up, and within which of a sanction a new one is recidivism (domain.md 13.2)."""
RE_ENTRY = timedelta(days=90)
"""Within which of a ban a new account is a re-entry (Q18)."""
REPEATED = 3
"""Upheld infringements in a PERIOD that make a repeat infringer (Q18)."""
LISTED = 100
"""Infringements, sanctions and re-entries that an item lists at most, the newest; counts and verdicts are of all."""


class Infringement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An upheld infringement: the listing and the restriction, or the number of the strike."""

    at: str
    account: str
    listing: str | None = None
    restriction_id: str | None = None
    strike_no: int | None = None
    case_id: str | None = None


class Sanction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A restriction of an account; `upheld` unless it was undone because it was wrong."""

    at: str
    account: str
    kind: str
    restriction_id: str
    upheld: bool
    ended_at: str | None = None


class ReEntry(Struct, frozen=True, kw_only=True):
    """An account that was opened soon after the ban of another one of the same cluster."""

    account: str
    registered_at: str
    banned_account: str
    restriction_id: str
    banned_at: str
    days: int


class Account(Struct, kw_only=True):
    """One account, and what was decided against it."""

    seller: str
    party: str | None = None
    registered_at: str | None = None
    infringements: list[Infringement] = msgspec.field(default_factory=list[Infringement])
    sanctions: list[Sanction] = msgspec.field(default_factory=list[Sanction])


async def recidivism_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield one item for each cluster against which something was decided, in order of log and cluster."""
    for at in inquiry.asked:
        if at.log.log_id < narrowing.start[0]:
            continue
        accounts, identifiers = await _accounts(inquiry, at)
        parties = await inquiry.all_of("party", at.log.log_id)
        identifiers += [one for party in parties for one in identifiers_of(party, party.subject)]
        clusters = Clusters(parties, await same_holders(inquiry, identifiers))
        grouped: dict[str, list[Account]] = {}
        for account in accounts.values():
            grouped.setdefault(clusters.of(account.party or account.seller), []).append(account)
        for name, members in sorted(grouped.items()):
            if any(one.infringements or one.sanctions for one in members):
                item = describe(members, inquiry.moment.as_of)
                yield Item(log_id=at.log.log_id, subject=name, key="", item=item)


async def _accounts(inquiry: Inquiry, at: LogAt) -> tuple[dict[str, Account], list[Identifier]]:
    """Return every account of a log, with what was decided against it and its listings; and their identifiers."""
    accounts: dict[str, Account] = {}
    identifiers: list[Identifier] = []
    strikes: list[tuple[Account, Infringement]] = []
    async for known in inquiry.streams(("seller",), logs=[at]):
        state = known.state()
        if isinstance(state, Seller):
            account = Account(seller=state.id, party=state.party_id, registered_at=state.registered_at)
            account.sanctions += _sanctions(state)
            strikes += [(account, strike) for strike in _strikes(state)]
            identifiers += identifiers_of(known, state.party_id or state.id)
            accounts[state.id] = account
    async for known in inquiry.streams(("listing",), logs=[at]):
        state = known.state()
        if isinstance(state, Listing) and state.seller_id is not None:
            account = accounts.setdefault(state.seller_id, Account(seller=state.seller_id))
            account.infringements += _blocks(state, state.seller_id)
    for account, strike in strikes:
        if strike.case_id is None or all(one.case_id != strike.case_id for one in account.infringements):
            account.infringements.append(strike)
    return accounts, identifiers


def _upheld(restriction: Restriction) -> bool:
    return restriction.end_ground not in UNDOING


def _sanctions(state: Seller) -> Iterator[Sanction]:
    for one in state.restrictions.values():
        if one.kind is not None and one.imposed_from is not None:
            yield Sanction(
                at=one.imposed_from,
                account=state.id,
                kind=one.kind,
                restriction_id=one.restriction_id,
                upheld=_upheld(one),
                ended_at=one.ended_at,
            )


def _strikes(state: Seller) -> Iterator[Infringement]:
    for number, strike in state.strikes.items():
        if strike.counts and strike.recorded_at is not None:
            yield Infringement(at=strike.recorded_at, account=state.id, strike_no=number, case_id=strike.case_id)


def _blocks(state: Listing, seller: str) -> Iterator[Infringement]:
    for one in state.restrictions.values():
        if one.kind == ListingBlocked.kind and one.imposed_from is not None and _upheld(one):
            yield Infringement(
                at=one.imposed_from,
                account=seller,
                listing=state.id,
                restriction_id=one.restriction_id,
                case_id=one.case_id,
            )


def describe(members: Sequence[Account], as_of: datetime) -> dict[str, Any]:
    """Return what is so of a cluster of accounts at `as_of`, as JSON values."""
    infringements = sorted((one for account in members for one in account.infringements), key=lambda one: one.at)
    sanctions = sorted((one for account in members for one in account.sanctions), key=lambda one: one.at)
    recent = [one for one in infringements if as_of - PERIOD < parse_instant(one.at)]
    again = time_to_infringement(sanctions, infringements)
    entries = re_entries(members, sanctions)
    return {
        "party": sorted({one.party for one in members if one.party is not None}),
        "account": sorted(one.seller for one in members),
        "accounts": len(members),
        "infringements": len(infringements),
        "infringements_in_365_days": len(recent),
        "infringements_listed": msgspec.to_builtins(infringements[-LISTED:]),
        "days_between": days_between(infringements[-LISTED:]),
        "sanctions": len(sanctions),
        "sanctions_listed": msgspec.to_builtins(sanctions[-LISTED:]),
        "days_from_sanction_to_infringement": None if again is None else again.days,
        "re_entries": len(entries),
        "re_entries_listed": msgspec.to_builtins(entries[-LISTED:]),
        "repeat_infringer": len(recent) >= REPEATED,
        "sanctioned": any(one.upheld for one in sanctions),
        "recidivist": again is not None and again <= PERIOD,
        "re_entered": bool(entries),
    }


def days_between(infringements: Sequence[Infringement]) -> list[int]:
    """Return how many whole days lie between each infringement and the next."""
    instants = [parse_instant(one.at) for one in infringements]
    return [(later - earlier).days for earlier, later in pairwise(instants)]


def time_to_infringement(sanctions: Sequence[Sanction], infringements: Sequence[Infringement]) -> timedelta | None:
    """Return the shortest time from an upheld sanction to an infringement after it; None where there is none."""
    found: list[timedelta] = []
    instants = [parse_instant(one.at) for one in infringements]
    for sanction in sanctions:
        begin = parse_instant(sanction.at)
        if sanction.upheld:
            found += [instant - begin for instant in instants if instant > begin][:1]
    return min(found, default=None)


def re_entries(members: Sequence[Account], sanctions: Sequence[Sanction]) -> list[ReEntry]:
    """Return the accounts that were opened within RE_ENTRY of an upheld ban of another, in order of opening."""
    found: list[ReEntry] = []
    bans = [one for one in sanctions if one.kind == SellerBanned.kind and one.upheld]
    for account in members:
        if account.registered_at is None:
            continue
        opened = parse_instant(account.registered_at)
        for ban in bans:
            since = opened - parse_instant(ban.at)
            if ban.account != account.seller and timedelta(0) < since <= RE_ENTRY:
                entry = ReEntry(
                    account=account.seller,
                    registered_at=account.registered_at,
                    banned_account=ban.account,
                    restriction_id=ban.restriction_id,
                    banned_at=ban.at,
                    days=since.days,
                )
                found.append(entry)
    return sorted(found, key=lambda one: (one.registered_at, one.account, one.banned_at))


DERIVATION = Derivation(
    name="recidivism",
    filters=("party", "account", "repeat_infringer", "sanctioned", "recidivist", "re_entered"),
    items=recidivism_items,
)
