"""The unit under listing and seller: imposed, amended, ended (domain.md D1, 6.1). A subject carries a set of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ledger.domain.codes import (
    DecisionAccount,
    DecisionMonetary,
    DecisionProvision,
    DecisionVisibility,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.payload import (
    Block,
    Code,
    DecisionPayload,
    Identifier,
    Instant,
    Language,
    Name,
    Payload,
    RuleKey,
    SellerId,
    Sha256,
    Territories,
    Text,
    TimeClass,
)
from ledger.domain.rules import Breach, judge_expiry, judge_life
from ledger.domain.steps import Steps
from ledger.domain.value import Value

Visibilities = Annotated[tuple[DecisionVisibility, ...], Meta(max_length=20)]
HIDING = frozenset({"DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED"})
"""What hides a listing; demoting, labelling and the like do not (domain.md 6.2)."""
WORLD = "WORLD"
RULE = "restriction"
POINTER = "/data/restriction_id"
_instrument = attrgetter("instrument_id")


class RestrictionPayload(DecisionPayload, frozen=True, kw_only=True):
    """The `@restriction` block: what is imposed, where and until when. `kind` names it in views."""

    kind: ClassVar[str]

    restriction_id: Identifier
    end_at: Instant | None = None
    decision_visibility: Visibilities | None = None
    decision_visibility_other: Annotated[str, Meta(max_length=500)] | None = None
    decision_monetary: DecisionMonetary | None = None
    decision_provision: DecisionProvision | None = None
    decision_account: DecisionAccount | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A restriction id is imposed once."""
        return (RuleKey(RULE, self.restriction_id),)

    def check(self) -> None:
        """A restriction restricts something."""
        if not (self.decision_visibility or self.decision_monetary or self.decision_provision or self.decision_account):
            raise ValueError(
                "one of decision_visibility, decision_monetary, decision_provision or decision_account is needed"
            )


class RestrictionEnd(Payload, frozen=True, kw_only=True):
    """Base of what ends a restriction."""

    ends: ClassVar[bool] = True
    stands_alone: ClassVar[bool] = False

    restriction_id: Identifier

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What ends a restriction must find it in force."""
        return (RuleKey(RULE, self.restriction_id),)


class AmendmentSet(Block, frozen=True, kw_only=True):
    """What an amendment sets; a null `end_at` makes the restriction indefinite."""

    territorial_scope: Territories | UnsetType = UNSET
    end_at: Instant | UnsetType | None = UNSET
    decision_visibility: Visibilities | UnsetType = UNSET


class RestrictionAmended(Payload, frozen=True, kw_only=True):
    """A restriction in force is changed."""

    event_type: ClassVar[str] = "RestrictionAmended"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ("listing", "seller")
    stands_alone: ClassVar[bool] = False

    restriction_id: Identifier
    set: AmendmentSet
    reason: Text | None = None
    decided_by: Identifier | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What amends a restriction must find it in force."""
        return (RuleKey(RULE, self.restriction_id),)


class StatementOfReasonsIssued(Payload, frozen=True, kw_only=True):
    """The addressee of a restriction was told why (DSA article 17)."""

    event_type: ClassVar[str] = "StatementOfReasonsIssued"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = ("listing", "seller")

    sor_id: Identifier
    restriction_id: Identifier
    sent_at: Instant
    recipient_seller_id: SellerId | None = None
    channel: Name | None = None
    content_sha256: Sha256 | None = None
    lang: Language | None = None
    submitted_to: Code | None = None
    remote_id: Identifier | None = None


class Restriction(Value, frozen=True, kw_only=True):
    """One restriction of a subject.

    It may have ended, or been amended, before it is certain to have begun: `kind` is None until then, and it is never
    in force (domain.md 2.3).
    """

    restriction_id: str
    kind: str | None = None
    imposed_by: str | None = None
    imposed_from: str | None = None
    territorial_scope: tuple[str, ...] | None = None
    end_at: str | None = None
    decision_visibility: tuple[str, ...] | None = None
    decision_monetary: str | None = None
    decision_provision: str | None = None
    decision_account: str | None = None
    decision_ground: str | None = None
    category: str | None = None
    source_type: str | None = None
    instruments: tuple[str, ...] = ()
    case_id: str | None = None
    order_id: str | None = None
    policy_rule_id: str | None = None
    programme_id: str | None = None
    sales_before_block: int | None = None
    reasons: tuple[str, ...] = ()
    amended: AmendmentSet | None = None
    ended_by: str | None = None
    ended_at: str | None = None
    end_ground: str | None = None

    def in_force(self, moment: datetime) -> bool:
        """Tell whether it is in force at `moment`, given that this state is the one that holds then."""
        if self.kind is None or self.ended_by is not None:
            return False
        return self.end_at is None or moment < parse_instant(self.end_at)

    def hides(self, moment: datetime, country: str | None) -> bool:
        """Tell whether it hides a listing at `moment` in `country` (None: anywhere)."""
        return (
            self.in_force(moment)
            and not HIDING.isdisjoint(self.decision_visibility or ())
            and (country is None or reaches(self.territorial_scope, country))
        )


Restrictions = Mapping[str, Restriction]


def reaches(scope: Sequence[str] | None, country: str) -> bool:
    """Tell whether a territorial scope reaches a country; one that is not stated reaches every country."""
    return not scope or WORLD in scope or country in scope


def apply_restriction(restrictions: Restrictions, fact: Fact) -> Restrictions:
    """Return the set of restrictions after one more event; events about something else change nothing."""
    payload = fact.payload
    return _steps[type(payload)](restrictions, payload, fact)


def _imposed(restrictions: Restrictions, payload: RestrictionPayload, fact: Fact) -> Restrictions:
    before = _named(restrictions, payload.restriction_id)
    imposed = msgspec.structs.replace(
        before,
        kind=payload.kind,
        imposed_by=fact.id,
        imposed_from=format_instant(fact.time),
        territorial_scope=payload.territorial_scope,
        end_at=payload.end_at,
        decision_visibility=payload.decision_visibility,
        decision_monetary=payload.decision_monetary,
        decision_provision=payload.decision_provision,
        decision_account=payload.decision_account,
        decision_ground=payload.decision_ground,
        category=payload.category,
        source_type=payload.source_type,
        instruments=tuple(map(_instrument, payload.legal_basis or ())),
        case_id=getattr(payload, "case_id", None),
        order_id=getattr(payload, "order_id", None),
        policy_rule_id=getattr(payload, "policy_rule_id", None),
        programme_id=getattr(payload, "programme_id", None),
        sales_before_block=getattr(payload, "sales_before_block", None),
    )
    if before.amended is not None:
        imposed = _set(imposed, before.amended)
    return {**restrictions, payload.restriction_id: imposed}


def _amended(restrictions: Restrictions, payload: RestrictionAmended, _: Fact) -> Restrictions:
    return {**restrictions, payload.restriction_id: _set(_named(restrictions, payload.restriction_id), payload.set)}


def _ended(restrictions: Restrictions, payload: RestrictionEnd, fact: Fact) -> Restrictions:
    before, ground = _named(restrictions, payload.restriction_id), getattr(payload, "ground", None)
    ended = msgspec.structs.replace(before, ended_by=fact.id, ended_at=format_instant(fact.time), end_ground=ground)
    return {**restrictions, payload.restriction_id: ended}


def _told(restrictions: Restrictions, payload: StatementOfReasonsIssued, _: Fact) -> Restrictions:
    before = _named(restrictions, payload.restriction_id)
    told = msgspec.structs.replace(before, reasons=(*before.reasons, payload.sor_id))
    return {**restrictions, payload.restriction_id: told}


def _unchanged(restrictions: Restrictions, _payload: Payload, _: Fact) -> Restrictions:
    return restrictions


_steps = Steps(
    {
        RestrictionPayload: _imposed,
        RestrictionAmended: _amended,
        RestrictionEnd: _ended,
        StatementOfReasonsIssued: _told,
    },
    _unchanged,
)


def _named(restrictions: Restrictions, restriction_id: str) -> Restriction:
    """Return the restriction of this id, as far as it is known."""
    return restrictions.get(restriction_id) or Restriction(restriction_id=restriction_id)


def _set(before: Restriction, change: AmendmentSet) -> Restriction:
    setting = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not UNSET}
    so_far = before.amended or AmendmentSet()
    return msgspec.structs.replace(before, amended=msgspec.structs.replace(so_far, **setting), **setting)


def in_force_at(
    moment: datetime, restrictions: Restrictions, described: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return those restrictions that have begun, in order of id, each with `in_force` at `moment`.

    `described` has them as JSON values, by id; each gets its new member there.
    """
    begun: list[dict[str, Any]] = []
    for name in sorted(restrictions):
        restriction, item = restrictions[name], described[name]
        if restriction.kind is not None:
            item["in_force"] = restriction.in_force(moment)
            begun.append(item)
    return begun


def restriction_expiries(restrictions: Restrictions) -> list[datetime]:
    """Return the instants at which restrictions run out by themselves."""
    return [
        parse_instant(restriction.end_at)
        for restriction in restrictions.values()
        if restriction.end_at is not None and restriction.kind is not None and restriction.ended_by is None
    ]


def judge_restriction(facts: Sequence[Fact]) -> Breach | None:
    """Judge everything said of one restriction id: imposed once; amended and ended only while in force."""
    code = "unknown-restriction"
    begins = [fact for fact in facts if isinstance(fact.payload, RestrictionPayload)]
    amendments = [fact for fact in facts if isinstance(fact.payload, RestrictionAmended)]
    ends = [fact for fact in facts if isinstance(fact.payload, RestrictionEnd)]
    if len(begins) > 1:
        detail = f"the restriction id was used already, by event {begins[0].id}"
        return Breach("invalid-event", POINTER, detail, begins[-1].id)
    begin = begins[0] if begins else None
    breach = judge_life(begin, amendments, ends, code, POINTER)
    if breach is not None or begin is None:
        return breach
    imposed = begin.payload
    end_at = imposed.end_at if isinstance(imposed, RestrictionPayload) else None
    changes: list[tuple[Fact, str | None, bool]] = []
    for fact in sorted((*amendments, *ends), key=lambda fact: (fact.time, fact.sequence)):
        new_end = fact.payload.set.end_at if isinstance(fact.payload, RestrictionAmended) else UNSET
        changes.append((fact, None if new_end is UNSET else new_end, new_end is not UNSET))
    return judge_expiry(end_at, changes, code, POINTER)
