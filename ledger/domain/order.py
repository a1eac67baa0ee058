"""Orders of authorities: issued, received, given effect; information asked for; sanctions (domain.md 6.7, 7.9).

An event sets the state whatever it was before, but three. The opening steps (issued, received, acknowledged) never set
it back, for they may be certain only after what followed from them; neither does an effect in part after one in full;
and what is revoked stays so.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.bounds import has_come
from ledger.domain.codes_public import LADDERS
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.order_events import (
    EVENTS,
    InformationProvided,
    InformationRequested,
    OrderAcknowledged,
    OrderChallenged,
    OrderEffectGiven,
    OrderIssued,
    OrderReceived,
    OrderRefused,
    OrderRevoked,
    OrderTarget,
    SanctionImposed,
    SanctionLifted,
)
from ledger.domain.payload import Money, Redress
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

OrderState = Literal[
    "ISSUED", "RECEIVED", "ACKNOWLEDGED", "PARTIAL", "EFFECT_GIVEN", "REFUSED", "CHALLENGED", "REVOKED"
]
RequestStatus = Literal["OPEN", "OVERDUE", "PROVIDED", "PROVIDED_LATE"]
OPENING: tuple[OrderState | None, ...] = (None, "ISSUED", "RECEIVED", "ACKNOWLEDGED")
AUTHORITY_FIELD = 1
"""Where the authority stands in `order:<authority>:<number>`."""


class Effect(Value, frozen=True, kw_only=True):
    """An effect given to an order."""

    given_by: str
    given_at: str
    extent: str
    effect_at: str
    restriction_ids: tuple[str, ...] = ()


class Sanction(Value, frozen=True, kw_only=True):
    """A sanction. `step_number` is its place on its ladder; None where it has none, as a fine."""

    imposed_by: str
    imposed_at: str
    step: str | int
    step_number: int | None = None
    ladder: str | None = None
    order_id: str | None = None
    fine: Money | None = None
    lifted_by: str | None = None
    lifted_at: str | None = None


class Answer(Value, frozen=True, kw_only=True):
    """An answer to a request for information."""

    provided_by: str
    provided_at: str
    extent: str
    content_sha256: str | None = None


class InformationRequest(Value, frozen=True, kw_only=True):
    """A request for information, by the id of its event.

    It may be answered before it is certain to have been made: `requested_at` is None until then. `overdue_from` is the
    instant from which `due` has passed.
    """

    request_event_id: str
    requested_at: str | None = None
    items: tuple[str, ...] | None = None
    period: str | None = None
    due: str | None = None
    overdue_from: str | None = None
    addressee: str | None = None
    answers: tuple[Answer, ...] = ()

    @property
    def provided_at(self) -> str | None:
        """When it was first answered in full; None while it was not."""
        return next((answer.provided_at for answer in self.answers if answer.extent == "FULL"), None)

    def status_at(self, moment: datetime) -> RequestStatus:
        """Return what it is at `moment`."""
        provided = self.provided_at
        overdue = self.overdue_from
        if provided is not None:
            return "PROVIDED_LATE" if overdue is not None and provided >= overdue else "PROVIDED"
        return "OVERDUE" if has_come(overdue, moment) else "OPEN"


class Order(State, frozen=True, kw_only=True):
    """State of an order. Instants are the earliest at which the thing may have happened."""

    authority: str | None = None
    state: OrderState | None = None
    kind: str | None = None
    number: str | None = None
    addressee_platform_id: str | None = None
    targets: tuple[OrderTarget, ...] | None = None
    urgency: str | None = None
    due_within: str | None = None
    reasons: str | tuple[str, ...] | None = None
    redress: str | tuple[Redress, ...] | None = None
    instruments: tuple[str, ...] = ()
    territorial_scope: tuple[str, ...] | None = None
    issued_at: str | None = None
    received_at: str | None = None
    acknowledged_at: str | None = None
    effects: tuple[Effect, ...] = ()
    refused_at: str | None = None
    refused_reason: str | None = None
    challenged_at: str | None = None
    challenged_forum: str | None = None
    revoked_at: str | None = None
    revoked_reason: str | None = None
    sanctions: tuple[Sanction, ...] = ()
    requests: Mapping[str, InformationRequest] = msgspec.field(default_factory=dict[str, InformationRequest])


def begin(subject: str) -> Order:
    """Return the state before any event."""
    return Order(id=subject)


def apply(state: Order, fact: Fact) -> Order:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Order, fact: Fact) -> Order:
    at = format_instant(fact.time)
    match fact.payload:
        case OrderIssued() as issued:
            return _issued(state, issued, at)
        case OrderReceived():
            return msgspec.structs.replace(state, state=_no_further(state.state, "RECEIVED"), received_at=at)
        case OrderAcknowledged():
            return msgspec.structs.replace(state, state=_no_further(state.state, "ACKNOWLEDGED"), acknowledged_at=at)
        case OrderEffectGiven() as given:
            return _given(state, given, fact.id, at)
        case OrderRefused(reason=reason):
            target = _unless_revoked(state, "REFUSED")
            return msgspec.structs.replace(state, state=target, refused_at=at, refused_reason=reason)
        case OrderChallenged(forum=forum):
            target = _unless_revoked(state, "CHALLENGED")
            return msgspec.structs.replace(state, state=target, challenged_at=at, challenged_forum=forum)
        case OrderRevoked(reason=reason):
            return msgspec.structs.replace(state, state="REVOKED", revoked_at=at, revoked_reason=reason)
        case InformationRequested() | InformationProvided():
            return msgspec.structs.replace(state, requests=_asked(state.requests, fact, at))
        case SanctionImposed() as imposed:
            return msgspec.structs.replace(state, sanctions=(*state.sanctions, _imposed(imposed, fact.id, at)))
        case SanctionLifted() as lifted:
            sanctions = tuple(_lifted(sanction, lifted, fact.id, at) for sanction in state.sanctions)
            return msgspec.structs.replace(state, sanctions=sanctions)
        case _:
            return state


def _no_further(state: OrderState | None, target: OrderState) -> OrderState | None:
    if state not in OPENING or OPENING.index(state) > OPENING.index(target):
        return state
    return target


def _unless_revoked(state: Order, target: OrderState) -> OrderState:
    return "REVOKED" if state.state == "REVOKED" else target


def _issued(state: Order, issued: OrderIssued, at: str) -> Order:
    return msgspec.structs.replace(
        state,
        state=_no_further(state.state, "ISSUED"),
        authority=issued.authority,
        kind=issued.kind,
        number=issued.number,
        addressee_platform_id=issued.addressee_platform_id,
        targets=issued.targets,
        urgency=issued.urgency,
        due_within=issued.due_within,
        reasons=issued.reasons,
        redress=issued.redress,
        instruments=tuple(basis.instrument_id for basis in issued.legal_basis or ()),
        territorial_scope=issued.territorial_scope,
        issued_at=at,
    )


def _given(state: Order, given: OrderEffectGiven, event_id: str, at: str) -> Order:
    effect = Effect(
        given_by=event_id,
        given_at=at,
        extent=given.extent,
        effect_at=given.effect_at,
        restriction_ids=given.restriction_ids or (),
    )
    full = given.extent == "FULL" or state.state == "EFFECT_GIVEN"
    target = _unless_revoked(state, "EFFECT_GIVEN" if full else "PARTIAL")
    return msgspec.structs.replace(state, state=target, effects=(*state.effects, effect))


def _asked(requests: Mapping[str, InformationRequest], fact: Fact, at: str) -> Mapping[str, InformationRequest]:
    match fact.payload:
        case InformationRequested() as asked:
            before = requests.get(fact.id) or InformationRequest(request_event_id=fact.id)
            request = msgspec.structs.replace(
                before,
                requested_at=at,
                items=asked.items,
                period=asked.period,
                due=asked.due,
                overdue_from=passed_from(asked.due, fact.timezone),
                addressee=asked.addressee,
            )
            return {**requests, fact.id: request}
        case InformationProvided(request_event_id=name, extent=extent, content_sha256=content_sha256):
            before = requests.get(name) or InformationRequest(request_event_id=name)
            answer = Answer(provided_by=fact.id, provided_at=at, extent=extent, content_sha256=content_sha256)
            return {**requests, name: msgspec.structs.replace(before, answers=(*before.answers, answer))}
        case _:
            return requests


def _imposed(imposed: SanctionImposed, event_id: str, at: str) -> Sanction:
    return Sanction(
        imposed_by=event_id,
        imposed_at=at,
        step=imposed.step,
        step_number=step_number(imposed.ladder, imposed.step),
        ladder=imposed.ladder,
        order_id=imposed.order_id,
        fine=imposed.fine,
    )


def _lifted(sanction: Sanction, lifted: SanctionLifted, event_id: str, at: str) -> Sanction:
    meant = lifted.step in (None, sanction.step) and lifted.ladder in (None, sanction.ladder)
    if not meant or sanction.lifted_by is not None:
        return sanction
    return msgspec.structs.replace(sanction, lifted_by=event_id, lifted_at=at)


def step_number(ladder: str | None, step: str | int) -> int | None:
    """Return the place of a step on its ladder, from 1; of a ladder not named, on the first that has the step."""
    if isinstance(step, int):
        return step
    for name, steps in LADDERS.items():
        if ladder in (None, name) and step in steps:
            return steps.index(step) + 1
    return None


def describe(state: Order, moment: datetime) -> dict[str, Any]:
    """Return the order at `moment` as JSON values; each request says whether it is answered, or overdue, then.

    `extent` is that of the furthest effect, `step` the highest sanction in force. An authority that no event names is
    the subject's.
    """
    item: dict[str, Any] = msgspec.to_builtins(state)
    fields = state.id.split(":", AUTHORITY_FIELD + 1)
    item["authority"] = state.authority or fields[AUTHORITY_FIELD]
    extents = {effect.extent for effect in state.effects}
    item["extent"] = "FULL" if "FULL" in extents else "PARTIAL" if extents else None
    standing = [sanction for sanction in state.sanctions if sanction.lifted_by is None]
    highest = max(standing, key=lambda sanction: sanction.step_number or 0, default=None)
    item["ladder"] = None if highest is None else highest.ladder
    item["step"] = None if highest is None else highest.step
    item["step_number"] = 0 if highest is None else highest.step_number
    item["requests"] = [
        {**msgspec.to_builtins(request), "provided_at": request.provided_at, "status": request.status_at(moment)}
        for _, request in sorted(state.requests.items())
        if request.requested_at is not None
    ]
    return item


def expiries(state: Order) -> list[datetime]:
    """Return when requests that are not answered become overdue."""
    return [
        parse_instant(request.overdue_from)
        for request in state.requests.values()
        if request.overdue_from is not None and request.provided_at is None
    ]


STREAM = Stream(
    kind="order",
    pattern=r"^order:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules={},
)
