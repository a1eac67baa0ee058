"""Notifiers: what came of the notices of each, and which tier that makes them due (domain.md 11 v_notifier_quality).

One item for each party that gave notice in a log, by the notices received in a window of time. Notices that name no
notifier are in no item: nobody can be held to them.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from ledger.domain.bounds import has_come
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.membership import Membership
from ledger.domain.takedown import TakedownCase
from ledger.domain.takedown_events import TAKEDOWN, NoticeFoundAbusive
from projections.derived import Derivation, Item, Narrowing
from projections.inquiry import Inquiry, Known
from projections.notifiers.tally import Tally
from projections.notifiers.thresholds import TierThreshold, thresholds_in_force
from projections.window import Window
from projections.window_parameters import read_window

WINDOW = ("received_from", "received_to")
"""A date is a local day: the window begins with the first and ends with the last instant of it."""
SUSPENDED = "PROCESSING_SUSPENDED_UNTIL"
WARNING = "WARNING"
ABUSES_LISTED = 100
"""Findings of abuse that an item lists at most; `abusive` counts them all. More than that no platform puts up with."""


class Abuse(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice that was found to be abusive, and the measure taken."""

    found_at: str
    case: str
    finding: str
    measure: str | None = None
    suspended_until: str | None = None
    over_from: str | None = None

    def runs(self, instant: datetime) -> bool:
        """Tell whether its notices are not processed at an instant."""
        if self.measure != SUSPENDED or parse_instant(self.found_at) > instant:
            return False
        return not has_come(self.over_from, instant)


class Notifier(Struct, kw_only=True):
    """What is known of one notifier: the tally of the window asked, and one for each threshold."""

    tally: Tally = msgspec.field(default_factory=Tally)
    by_threshold: list[Tally]
    abuses: list[Abuse] = msgspec.field(default_factory=list[Abuse])
    received: list[datetime] = msgspec.field(default_factory=list[datetime])


async def notifier_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield one item for each notifier of each log, in order of log and party."""
    window = read_window(narrowing.filters, WINDOW, inquiry.moment.tz)
    as_of = inquiry.moment.as_of
    for at in inquiry.asked:
        if at.log.log_id < narrowing.start[0]:
            continue
        thresholds = thresholds_in_force(await inquiry.all_of("policy", at.log.log_id), as_of)
        memberships = _memberships(await inquiry.all_of("membership", at.log.log_id))
        found: dict[str, Notifier] = {}
        async for known in inquiry.streams(TAKEDOWN, logs=[at]):
            _take(found, known, window, thresholds)
        for party, notifier in sorted(found.items()):
            if window.asked and not notifier.tally.notices:
                continue
            item = {
                "notifier": party,
                **window.asked,
                **notifier.tally.describe(),
                **_abuse(notifier, as_of),
                **_standing(notifier, thresholds, memberships.get(party, ())),
            }
            yield Item(log_id=at.log.log_id, subject=party, key="", item=item)


def _memberships(streams: Sequence[Known]) -> dict[str, list[Membership]]:
    """Return the memberships that are active, by party."""
    found: dict[str, list[Membership]] = {}
    for known in streams:
        state = known.state()
        if isinstance(state, Membership) and state.status == "ACTIVE" and state.party_id is not None:
            found.setdefault(state.party_id, []).append(state)
    return found


def _take(found: dict[str, Notifier], known: Known, window: Window, thresholds: Sequence[TierThreshold]) -> None:
    """Count what is known of one case, for its notifier."""
    state = known.state()
    if not isinstance(state, TakedownCase):
        return

    def notifier_of(party: str) -> Notifier:
        return found.setdefault(party, Notifier(by_threshold=[Tally() for _ in thresholds]))

    for abuse, party in _findings(known, state):
        notifier_of(party).abuses.append(abuse)
    came = state.received_at or state.submitted_at
    if state.notifier_party_id is None or came is None:
        return
    received, notifier = parse_instant(came), notifier_of(state.notifier_party_id)
    notifier.received.append(received)
    tallies = [notifier.tally] if window.holds(received) else []
    tallies += [
        tally
        for threshold, tally in zip(thresholds, notifier.by_threshold, strict=True)
        if threshold.covers(received, known.moment.as_of, known.log.timezone)
    ]
    for tally in tallies:
        tally.notices += 1
        for item in state.items.values():
            tally.add(item)


def _findings(known: Known, state: TakedownCase) -> list[tuple[Abuse, str]]:
    """Return the findings of abuse in a case, each with whose it was."""
    found: list[tuple[Abuse, str]] = []
    for fact in known.happened():
        payload = fact.payload
        if not isinstance(payload, NoticeFoundAbusive):
            continue
        party = payload.notifier_party_id or state.notifier_party_id
        if party is not None:
            abuse = Abuse(
                found_at=format_instant(fact.time),
                case=known.subject,
                finding=payload.finding,
                measure=payload.measure,
                suspended_until=payload.suspended_until,
                over_from=passed_from(payload.suspended_until, fact.timezone),
            )
            found.append((abuse, party))
    return found


def _abuse(notifier: Notifier, as_of: datetime) -> dict[str, Any]:
    """Say whether abuse was met with a warning, then a suspension, and how many notices that affected (Q51)."""
    abuses = sorted(notifier.abuses, key=lambda one: (one.found_at, one.case))
    suspensions = [one for one in abuses if one.measure == SUSPENDED]
    warnings = [one for one in abuses if one.measure == WARNING]
    return {
        "abusive": len(abuses),
        "abuses": msgspec.to_builtins(abuses[:ABUSES_LISTED]),
        "warnings": len(warnings),
        "suspensions": len(suspensions),
        "suspended": any(one.runs(as_of) for one in suspensions),
        "warned_before_suspension": (
            bool(warnings) and warnings[0].found_at < suspensions[0].found_at if suspensions else None
        ),
        "notices_while_suspended": sum(
            any(one.runs(received) for one in suspensions) for received in notifier.received
        ),
    }


def _standing(
    notifier: Notifier, thresholds: Sequence[TierThreshold], memberships: Sequence[Membership]
) -> dict[str, Any]:
    """Say which tiers a notifier has, which it is due, meeting all their thresholds, and has though it meets not all.

    That is Q16: who kept a tier without what it takes by the version then in force.
    """
    held = sorted({membership.tier for membership in memberships if membership.tier is not None})
    judged = list(zip(thresholds, notifier.by_threshold, strict=True))
    met = [(threshold.tier, threshold.met(tally.record())) for threshold, tally in judged]
    due = {tier for tier, _ in met} - {tier for tier, truth in met if truth != "TRUE"}
    return {
        "memberships": [
            {"membership": one.id, "body": one.body_id or f"body:{one.body}", "tier": one.tier} for one in memberships
        ],
        "tier_held": held,
        "tier_due": sorted(due),
        "thresholds": [
            {**threshold.describe(), "met": truth, **tally.figures()}
            for (threshold, tally), (_, truth) in zip(judged, met, strict=True)
        ],
        "mismatch": any(truth == "FALSE" and tier in held for tier, truth in met),
    }


DERIVATION = Derivation(
    name="notifiers",
    filters=("notifier", "tier", "size_class", "tier_held", "tier_due", "mismatch", *WINDOW),
    items=notifier_items,
)
