"""What happens to a policy, a law as well as a platform's rule: announced, adopted, reviewed, repealed (7.6)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_public import (
    FIELDS,
    PolicyKind,
    ReviewOutcome,
    ReviewTrigger,
    RuleEffect,
    RuleScope,
    RuleSeverity,
    RuleSubject,
)
from ledger.domain.free_json import FreeObject, check_free
from ledger.domain.payload import (
    CalendarDate,
    Code,
    Countries,
    DateOrInstant,
    Identifier,
    Language,
    Name,
    Payload,
    RuleKey,
    Sha256,
    Text,
    TimeClass,
    reference,
)
from ledger.domain.predicate import check_fields, parse_predicate

POLICY = ("policy",)
VERSION = "policy-version"
RULE = "policy-rule"
PolicyId = Annotated[str, reference("policy")]


class PolicyAnnounced(Payload, frozen=True, kw_only=True):
    """A policy was announced; that puts nothing in force."""

    event_type: ClassVar[str] = "PolicyAnnounced"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = POLICY

    kind: PolicyKind
    title: Name | None = None
    statement: Text | None = None
    intended_from: DateOrInstant | None = None


class PolicyVersionAdopted(Payload, frozen=True, kw_only=True):
    """A version of a policy was adopted; it is in force from the event's time."""

    event_type: ClassVar[str] = "PolicyVersionAdopted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    version: Code
    adopted_on: CalendarDate
    text_sha256: Sha256 | None = None
    lang: Language | None = None
    promulgated_on: CalendarDate | None = None
    enforcement_from: DateOrInstant | None = None
    grace_until: DateOrInstant | None = None
    replaces: PolicyId | None = None
    amends: PolicyId | None = None
    jurisdiction: Countries | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A version is adopted once."""
        return (RuleKey(VERSION, self.version),)


class PolicyRuleDefined(Payload, frozen=True, kw_only=True):
    """A rule of a policy, in one version; it is in force from the event's time, adopted or not."""

    event_type: ClassVar[str] = "PolicyRuleDefined"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    rule_id: Identifier
    version: Code
    applies_to: RuleSubject
    when: FreeObject
    then: RuleEffect
    scope: RuleScope | None = None
    params: FreeObject | None = None
    severity: RuleSeverity | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A version of a rule is defined once. A rule id has no blanks, so that the pair is unambiguous."""
        return (RuleKey(RULE, f"{self.rule_id} {self.version}"),)

    def check(self) -> None:
        """Its predicate parses and asks for known fields; its parameters are canonical JSON."""
        check_fields(parse_predicate(self.when, "/when"), FIELDS.get(self.applies_to), "/when")
        check_free("params", self.params)


class PolicyReviewed(Payload, frozen=True, kw_only=True):
    """A policy was looked at again."""

    event_type: ClassVar[str] = "PolicyReviewed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = POLICY

    outcome: ReviewOutcome
    trigger: ReviewTrigger | None = None
    inputs: Annotated[tuple[Text, ...], Meta(max_length=100)] | None = None
    next_review_due: DateOrInstant | None = None


class PolicySuspended(Payload, frozen=True, kw_only=True):
    """A policy is not in force for a while."""

    event_type: ClassVar[str] = "PolicySuspended"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    reason: Text | None = None


class PolicyResumed(Payload, frozen=True, kw_only=True):
    """A suspended policy is in force again."""

    event_type: ClassVar[str] = "PolicyResumed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    reason: Text | None = None


class PolicyRepealed(Payload, frozen=True, kw_only=True):
    """A policy, and all its rules, ended."""

    event_type: ClassVar[str] = "PolicyRepealed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    replaced_by: PolicyId | None = None
    reason: Text | None = None


class PolicyInterpretationIssued(Payload, frozen=True, kw_only=True):
    """Somebody said what an article means."""

    event_type: ClassVar[str] = "PolicyInterpretationIssued"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    issuer: Name | None = None
    article: Name | None = None
    text_sha256: Sha256 | None = None
    binding: bool | None = None


class EnforcementGraceGranted(Payload, frozen=True, kw_only=True):
    """A policy in force is not enforced for a while, against one addressee or, where none is named, anybody."""

    event_type: ClassVar[str] = "EnforcementGraceGranted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = POLICY

    until: DateOrInstant
    addressee: Identifier | None = None
    source: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    PolicyAnnounced,
    PolicyVersionAdopted,
    PolicyRuleDefined,
    PolicyReviewed,
    PolicySuspended,
    PolicyResumed,
    PolicyRepealed,
    PolicyInterpretationIssued,
    EnforcementGraceGranted,
)
