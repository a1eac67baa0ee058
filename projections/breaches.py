"""Breaches of policies' rules, as intervals of valid time (domain.md 11 v_policy_breaches; Q1 to Q3, Q35, Q37).

A breach is a rule in force, a member on which it bears (a listing that is visible where the rule holds, a seller that
may sell) and its predicate: wrong (VIOLATING), or undetermined for want of a field (UNDETERMINED, D11). Policies are
those of the member's own log and of the registers; of two with one id the log's own counts.

An interval is maximal: it ends where anything changes that its item says of it. Nothing after the moment is looked at,
so that what goes on then has no `to`. By default (`ended=false`) only these are listed: the breaches at the moment.
With `ended=true` come those that had ended by then, and with both, `ended=true&ended=false`, all: the exposure.

All parts are taken from states of the moment's certainty. Under CERTAIN a rule, a publication and a block count from
their last possible instant: what is listed has certainly been published and is not yet certainly blocked. Under
POSSIBLE they count from their first: what is listed may have been published by then, and is not even possibly blocked.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from ledger.domain.instants import TICK, format_instant, zone
from ledger.domain.policy import Policy, is_enforced
from projections.derived import Derivation, Item, Narrowing
from projections.inquiry import Inquiry, Known
from projections.members.course import Interval, intervals
from projections.members.member import Member
from projections.members.population import KINDS, SELLER, members
from projections.moment import LogAt
from projections.rule_spans import RuleSpan, Status, rule_spans, undetermined_fields


class Breach(Struct, frozen=True, kw_only=True):
    """What is found of a member against a version of a rule. `missing` are the fields for want of which it is open."""

    status: Status
    seller: str | None
    cluster: str | None
    missing: tuple[str, ...]


def breaches_of(member: Member, span: RuleSpan) -> list[Interval[Breach]]:
    """Return when a member breached a rule, within one span of it."""
    start, end = span.interval.start, span.interval.end
    within = [instant for instant in member.instants if start < instant and (end is None or instant < end)]
    steps: list[tuple[datetime, Breach | None]] = [
        (instant, _breach(member, span, instant)) for instant in (start, *within)
    ]
    return intervals([*steps, (end, None)] if end is not None else steps)


def _breach(member: Member, span: RuleSpan, moment: datetime) -> Breach | None:
    record = member.record(moment)
    status = span.judge(record) if record is not None else None
    if record is None or status is None or not member.is_active(moment, span.interval.held.countries):
        return None
    is_seller = member.known.subject.startswith(f"{SELLER}:")
    missing = undetermined_fields(span.predicate, record) if status == "UNDETERMINED" else ()
    return Breach(
        status=status,
        seller=member.known.subject if is_seller else record.get("seller_id"),
        cluster=record.get("cluster"),
        missing=tuple(sorted(missing)),
    )


def local_days(start: datetime, end: datetime, zone_name: str) -> int:
    """Return on how many local days something was so, from `start` until before `end`; a part of a day is one."""
    return (_date(max(end - TICK, start), zone_name) - _date(start, zone_name)).days + 1


def _date(instant: datetime, zone_name: str) -> date:
    return instant.astimezone(zone(zone_name)).date()


def _item(member: Member, span: RuleSpan, found: Interval[Breach]) -> Item:
    known, rule, breach = member.known, span.rule, found.held
    policy = span.policy.state()
    until = known.moment.as_of + TICK if found.end is None else found.end
    item: dict[str, Any] = {
        "status": breach.status,
        "from": format_instant(found.start),
        "to": None if found.end is None else format_instant(found.end),
        "ended": found.end is not None,
        "policy": span.policy.subject,
        "policy_log": span.policy.log.slug,
        "rule": rule.rule_id,
        "rule_version": rule.version,
        "severity": rule.severity,
        "enforced": isinstance(policy, Policy) and is_enforced(policy, known.moment.as_of),
        "seller": breach.seller,
        "cluster": breach.cluster,
        "missing": list(breach.missing),
        "listing_days": local_days(found.start, until, known.log.timezone),
    }
    key = f"{span.policy.subject} {rule.rule_id} {item['from']}"
    return Item(log_id=known.log.log_id, subject=known.subject, key=key, item=item)


async def spans_of(inquiry: Inquiry, at: LogAt, filters: Mapping[str, Sequence[str]]) -> list[RuleSpan]:
    """Return the spans of every rule that may bear on a log's members, of the policies and rules asked for."""
    policies: dict[str, Known] = {}
    for policy in await inquiry.all_of("policy", at.log.log_id):
        policies.setdefault(policy.subject, policy)
    wanted, named = filters.get("policy"), filters.get("rule")
    return [
        span
        for subject, policy in policies.items()
        if wanted is None or subject in wanted
        for span in rule_spans(policy)
        if span.rule.applies_to in KINDS and (named is None or span.rule.rule_id in named)
    ]


def _items_of(member: Member, spans: Sequence[RuleSpan]) -> Iterator[Item]:
    kind = member.known.subject.partition(":")[0]
    for span in spans:
        if KINDS[span.rule.applies_to] == kind:
            for found in breaches_of(member, span):
                yield _item(member, span, found)


async def items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield every breach that began by the question's moment, ended or not, of the members of the asked logs."""
    for at in inquiry.asked:
        spans = await spans_of(inquiry, at, narrowing.filters)
        kinds = {KINDS[span.rule.applies_to] for span in spans}
        if at.log.log_id < narrowing.start[0] or not kinds:
            continue
        async for member in members(inquiry, at, kinds, narrowing):
            for item in sorted(_items_of(member, spans), key=lambda one: one.key):
                yield item


DERIVATION = Derivation(
    name="breaches",
    filters=("rule", "policy", "status", "seller", "cluster", "ended"),
    items=items,
    defaults={"ended": ("false",)},
)
