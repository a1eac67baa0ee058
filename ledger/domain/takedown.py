"""Takedown cases: a notice and what came of each of its items (domain.md 6.4, 7.7).

State is kept for each item: one notice may name 300 of them. An event sets its items' state whatever it was before,
since an importer rarely has every step; only what opens an item (a notice sent or received) never sets it back, for
it may be certain only after what followed from it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import Payload
from ledger.domain.stream import State, Stream
from ledger.domain.takedown_events import (
    EVENTS,
    CounterNoticeForwarded,
    CounterNoticeRejected,
    CounterNoticeSubmitted,
    DeadlineExtended,
    LegalActionNotified,
    MeasureMaintained,
    NoticeFoundAbusive,
    NoticeItem,
    NoticeReceived,
    NoticeRejected,
    NoticeReturned,
    NoticeSubmitted,
    NoticeSupplemented,
    NoticeWithdrawn,
    TakedownActioned,
    TakedownCaseClosed,
    TakedownDeclined,
    TakedownReversed,
)
from ledger.domain.value import Value

ItemState = Literal[
    "SUBMITTED",
    "RECEIVED",
    "RETURNED",
    "REJECTED",
    "WITHDRAWN",
    "DECLINED",
    "ACTIONED",
    "COUNTER_NOTICED",
    "COUNTER_REJECTED",
    "FORWARDED",
    "MAINTAINED",
    "REVERSED",
    "CLOSED",
]
"""States of an item in the order of the diagram: a case's state is the furthest of its items'."""
RANK: Mapping[str | None, int] = {state: rank for rank, state in enumerate(get_args(ItemState), start=1)}
LITIGABLE = frozenset({"ACTIONED", "COUNTER_NOTICED", "COUNTER_REJECTED", "FORWARDED"})
"""An item that stays down once a right holder has gone to law."""
CLOSABLE = frozenset({"ACTIONED", "COUNTER_REJECTED"})
NOTICE = (
    "notice_ref",
    "platform_id",
    "channel",
    "notifier_party_id",
    "notifier_size_class",
    "notifier_tier",
    "ip_right_type",
    "ip_right_id",
    "regime",
    "priority",
)
"""What an item has from the notice that names it, as it was then (domain.md D17)."""
PLACE = ("listing_id", "variant_no", "listing_url_sha256", "url_sha256")


class Pause(Value, frozen=True, kw_only=True):
    """A span in which an item was with its notifier, to be completed."""

    returned_at: str
    supplemented_at: str | None = None


class Extension(Value, frozen=True, kw_only=True):
    """More time that was given."""

    deadline_kind: str
    new_due: str
    extended_at: str
    reason: str | None = None


class Abuse(Value, frozen=True, kw_only=True):
    """That a notice was found to be abusive, and what followed."""

    finding: str
    found_at: str
    notifier_party_id: str | None = None
    measure: str | None = None
    suspended_until: str | None = None


class Item(Value, frozen=True, kw_only=True):
    """One item of a case. Instants are the earliest at which the thing may have happened."""

    item_no: int
    state: ItemState | None = None
    listing_id: str | None = None
    variant_no: int | None = None
    listing_url_sha256: str | None = None
    url_sha256: str | None = None
    notice_ref: str | None = None
    platform_id: str | None = None
    channel: str | None = None
    notifier_party_id: str | None = None
    notifier_size_class: str | None = None
    notifier_tier: str | None = None
    ip_right_type: str | None = None
    ip_right_id: str | None = None
    regime: str | None = None
    priority: str | None = None
    submitted_at: str | None = None
    received_at: str | None = None
    pauses: tuple[Pause, ...] = ()
    cure_by: str | None = None
    rejected_at: str | None = None
    withdrawn_at: str | None = None
    withdrawn_by: str | None = None
    decided_at: str | None = None
    decided_by: str | None = None
    automated_decision: str | None = None
    measure: str | None = None
    restriction_id: str | None = None
    sales_before_action: int | None = None
    reasons: tuple[str, ...] | None = None
    countered_at: str | None = None
    counter_attempts: int = 0
    counter_grounds: tuple[str, ...] | None = None
    counter_rejected_at: str | None = None
    counter_reasons: tuple[str, ...] | None = None
    forwarded_at: str | None = None
    delivered_at: str | None = None
    legal_action_at: str | None = None
    legal_forum: str | None = None
    legal_reference: str | None = None
    filed_on: str | None = None
    maintained_at: str | None = None
    maintained_ground: str | None = None
    reversed_at: str | None = None
    reversal_ground: str | None = None


class TakedownCase(State, frozen=True, kw_only=True):
    """State of a case. What the notice says stands here too, for items that no notice names."""

    notice_ref: str | None = None
    platform_id: str | None = None
    channel: str | None = None
    notifier_party_id: str | None = None
    notifier_size_class: str | None = None
    notifier_tier: str | None = None
    ip_right_type: str | None = None
    ip_right_id: str | None = None
    regime: str | None = None
    priority: str | None = None
    submitted_at: str | None = None
    received_at: str | None = None
    items: Mapping[int, Item] = msgspec.field(default_factory=dict[int, Item])
    extensions: tuple[Extension, ...] = ()
    abuse: Abuse | None = None
    closed: bool = False
    closed_at: str | None = None
    closed_reason: str | None = None


def begin(subject: str) -> TakedownCase:
    """Return the state before any event."""
    return TakedownCase(id=subject)


def apply(state: TakedownCase, fact: Fact) -> TakedownCase:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: TakedownCase, fact: Fact) -> TakedownCase:
    at = format_instant(fact.time)
    match fact.payload:
        case NoticeSubmitted() | NoticeReceived() as notice:
            return _noticed(state, notice, at)
        case DeadlineExtended() as extended:
            extension = Extension(
                deadline_kind=extended.deadline_kind, new_due=extended.new_due, extended_at=at, reason=extended.reason
            )
            return msgspec.structs.replace(state, extensions=(*state.extensions, extension))
        case NoticeFoundAbusive() as found:
            abuse = Abuse(
                finding=found.finding,
                found_at=at,
                notifier_party_id=found.notifier_party_id,
                measure=found.measure,
                suspended_until=found.suspended_until,
            )
            return msgspec.structs.replace(state, abuse=abuse)
        case TakedownCaseClosed(reason=reason):
            items = {
                number: msgspec.structs.replace(item, state="CLOSED") if item.state in CLOSABLE else item
                for number, item in state.items.items()
            }
            return msgspec.structs.replace(state, items=items, closed=True, closed_at=at, closed_reason=reason)
        case payload:
            items = dict(state.items)
            for number in _numbers(state, payload):
                items[number] = _stepped(items.get(number) or Item(item_no=number), payload, at)
            return msgspec.structs.replace(state, items=items)


def _noticed(state: TakedownCase, notice: NoticeSubmitted | NoticeReceived, at: str) -> TakedownCase:
    said = {name: value for name in NOTICE if (value := getattr(notice, name, None)) is not None}
    items = dict(state.items)
    for named in notice.items or ():
        before = items.get(named.item_no) or Item(item_no=named.item_no)
        items[named.item_no] = _opened(before, named, said, notice, at)
    unsaid = {name: value for name, value in said.items() if getattr(state, name) is None}
    return msgspec.structs.replace(state, items=items, **unsaid, **_first_time(state, notice, at))


def _opened(
    item: Item, named: NoticeItem, said: Mapping[str, Any], notice: NoticeSubmitted | NoticeReceived, at: str
) -> Item:
    place = {name: value for name in PLACE if (value := getattr(named, name)) is not None}
    state = item.state
    if isinstance(notice, NoticeSubmitted):
        state = state or "SUBMITTED"
    elif state in (None, "SUBMITTED", "RETURNED"):
        item, state = _resumed(item, at), "RECEIVED"
    return msgspec.structs.replace(item, state=state, **place, **said, **_first_time(item, notice, at))


def _first_time(known: TakedownCase | Item, notice: NoticeSubmitted | NoticeReceived, at: str) -> dict[str, str]:
    name = "submitted_at" if isinstance(notice, NoticeSubmitted) else "received_at"
    return {name: getattr(known, name) or at}


def _resumed(item: Item, at: str) -> Item:
    if not item.pauses or item.pauses[-1].supplemented_at is not None:
        return item
    ended = msgspec.structs.replace(item.pauses[-1], supplemented_at=at)
    return msgspec.structs.replace(item, pauses=(*item.pauses[:-1], ended))


def _numbers(state: TakedownCase, payload: Payload) -> Iterable[int]:
    match payload:
        case NoticeSupplemented(item_nos=None):
            return [number for number, item in state.items.items() if item.state == "RETURNED"]
        case NoticeReturned() | NoticeSupplemented() | NoticeRejected() | NoticeWithdrawn():
            return payload.item_nos or ()
        case (
            TakedownActioned(item_no=number)
            | TakedownDeclined(item_no=number)
            | CounterNoticeSubmitted(item_no=number)
            | CounterNoticeRejected(item_no=number)
            | CounterNoticeForwarded(item_no=number)
            | LegalActionNotified(item_no=number)
            | MeasureMaintained(item_no=number)
            | TakedownReversed(item_no=number)
        ):
            return (number,)
        case _:
            return ()


def _stepped(item: Item, payload: Payload, at: str) -> Item:
    match payload:
        case NoticeReturned(reasons=reasons, cure_by=cure_by):
            pauses = (*item.pauses, Pause(returned_at=at))
            return msgspec.structs.replace(item, state="RETURNED", reasons=reasons, cure_by=cure_by, pauses=pauses)
        case NoticeSupplemented():
            if item.state not in (None, "RETURNED"):
                return item
            return msgspec.structs.replace(_resumed(item, at), state="RECEIVED")
        case NoticeRejected(reasons=reasons):
            return msgspec.structs.replace(item, state="REJECTED", reasons=reasons, rejected_at=at)
        case NoticeWithdrawn(by=by):
            return msgspec.structs.replace(item, state="WITHDRAWN", withdrawn_at=at, withdrawn_by=by)
        case TakedownActioned() as actioned:
            return msgspec.structs.replace(
                item,
                state="ACTIONED",
                decided_at=at,
                decided_by=actioned.decided_by,
                automated_decision=actioned.automated_decision,
                measure=actioned.measure,
                listing_id=actioned.listing_id or item.listing_id,
                restriction_id=actioned.restriction_id,
                sales_before_action=actioned.sales_before_action,
            )
        case TakedownDeclined(reasons=reasons, decided_by=decided_by):
            return msgspec.structs.replace(
                item, state="DECLINED", decided_at=at, decided_by=decided_by, reasons=reasons
            )
        case _:
            return _contested(item, payload, at)


def _contested(item: Item, payload: Payload, at: str) -> Item:
    match payload:
        case CounterNoticeSubmitted(attempt=attempt, grounds=grounds):
            attempts = max(item.counter_attempts + 1, attempt or 0)
            return msgspec.structs.replace(
                item, state="COUNTER_NOTICED", countered_at=at, counter_attempts=attempts, counter_grounds=grounds
            )
        case CounterNoticeRejected(reasons=reasons):
            return msgspec.structs.replace(
                item, state="COUNTER_REJECTED", counter_rejected_at=at, counter_reasons=reasons
            )
        case CounterNoticeForwarded(delivered_at=delivered_at):
            return msgspec.structs.replace(item, state="FORWARDED", forwarded_at=at, delivered_at=delivered_at)
        case LegalActionNotified(forum=forum, reference=reference, filed_on=filed_on):
            return msgspec.structs.replace(
                item,
                state="MAINTAINED" if item.state in LITIGABLE else item.state,
                legal_action_at=at,
                legal_forum=forum,
                legal_reference=reference,
                filed_on=filed_on,
            )
        case MeasureMaintained(ground=ground):
            return msgspec.structs.replace(item, state="MAINTAINED", maintained_at=at, maintained_ground=ground)
        case TakedownReversed(ground=ground, restriction_id=restriction_id):
            return msgspec.structs.replace(
                item,
                state="REVERSED",
                reversed_at=at,
                reversal_ground=ground,
                restriction_id=restriction_id or item.restriction_id,
            )
        case _:
            return item


def describe(state: TakedownCase, _moment: datetime) -> dict[str, Any]:
    """Return the case as JSON values; nothing of it changes by time alone. `state` is the furthest of its items'."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    of_notice = {name: item[name] for name in NOTICE if name in item}
    items = [state.items[number] for number in sorted(state.items)]
    item["items"] = [{**of_notice, **msgspec.to_builtins(one)} for one in items]
    item["state"] = max((one.state for one in items), key=lambda one: RANK.get(one, 0), default=_bare_state(state))
    item["closed"] = state.closed
    return item


def _bare_state(state: TakedownCase) -> ItemState | None:
    if state.closed:
        return "CLOSED"
    if state.received_at is not None:
        return "RECEIVED"
    return "SUBMITTED" if state.submitted_at is not None else None


STREAM = Stream(
    kind="takedown_case",
    pattern=r"^takedown_case:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
