"""What happens in a dispute: filed, heard, referred, decided (domain.md 7.8)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes import (
    AssistancePurpose,
    ClaimantKind,
    ComplianceStatus,
    CountryCode,
    DisputeIssue,
    DisputeMethod,
    DisputeOutcome,
    Remedy,
)
from ledger.domain.payload import (
    ID_MAX,
    NAME_MAX,
    TEXT_MAX,
    Code,
    DateOrInstant,
    Identifier,
    Instant,
    Language,
    Money,
    Name,
    PartyId,
    Payload,
    PersonalPayload,
    PlatformId,
    RuleKey,
    Sha256,
    SubjectId,
    Text,
    TimeClass,
    personal,
    reference,
)

DISPUTE = ("dispute",)
OUTCOME = "outcome"
AgreementId = Annotated[str, reference("agreement")]
Remedies = Annotated[tuple[Remedy, ...], Meta(max_length=20)]


class DisputeFiled(Payload, frozen=True, kw_only=True):
    """A claim came to a forum. Its † members are the claimant's."""

    event_type: ClassVar[str] = "DisputeFiled"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    claimant_kind: ClaimantKind
    claimant_country: CountryCode | None = None
    respondent_country: CountryCode | None = None
    platform_id: PlatformId | None = None
    order_ref: Annotated[str, personal(ID_MAX)] | None = None
    issue: DisputeIssue | None = None
    amount: Money | None = None
    remedy_sought: Remedies | None = None
    claimant_subject_id: SubjectId | None = None
    claimant_name: Annotated[str, personal(NAME_MAX)] | None = None
    claimant_contact: Annotated[str, personal(NAME_MAX)] | None = None
    narrative: Annotated[str, personal(TEXT_MAX)] | None = None
    prior_contact_with_trader: bool | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """No outcome comes before the filing."""
        return (RuleKey(OUTCOME),)

    def check(self) -> None:
        """Nobody claims less than nothing."""
        if self.amount is not None and self.amount.amount_minor < 0:
            raise ValueError("amount is below zero")


class DisputeAcknowledged(Payload, frozen=True, kw_only=True):
    """The forum gave the claim a case number."""

    event_type: ClassVar[str] = "DisputeAcknowledged"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    case_no: Name


class DisputeAdmissibilityDecided(Payload, frozen=True, kw_only=True):
    """The forum decided whether it hears the claim."""

    event_type: ClassVar[str] = "DisputeAdmissibilityDecided"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    admissible: bool
    reasons: Text | None = None


class DisputeNotified(Payload, frozen=True, kw_only=True):
    """The respondent was told."""

    event_type: ClassVar[str] = "DisputeNotified"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    delivered_at: Instant
    to_party_id: PartyId | None = None


class DisputeResponseSubmitted(PersonalPayload, frozen=True, kw_only=True):
    """The respondent answered."""

    event_type: ClassVar[str] = "DisputeResponseSubmitted"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    position: Name | None = None
    counterclaim: Money | None = None
    text: Annotated[str, personal(TEXT_MAX)] | None = None


class DisputeRespondentDefaulted(Payload, frozen=True, kw_only=True):
    """The respondent did not answer in time."""

    event_type: ClassVar[str] = "DisputeRespondentDefaulted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    due: DateOrInstant


class NegotiationStarted(Payload, frozen=True, kw_only=True):
    """The parties negotiate."""

    event_type: ClassVar[str] = "NegotiationStarted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE


class SettlementProposed(Payload, frozen=True, kw_only=True):
    """Somebody proposed a settlement; `accepted` is absent while it is open."""

    event_type: ClassVar[str] = "SettlementProposed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    by: Name | None = None
    terms_sha256: Sha256 | None = None
    accepted: bool | None = None


class FacilitationStarted(Payload, frozen=True, kw_only=True):
    """Settlement is facilitated."""

    event_type: ClassVar[str] = "FacilitationStarted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    method: DisputeMethod | None = None


class NeutralAppointed(PersonalPayload, frozen=True, kw_only=True):
    """A neutral was appointed."""

    event_type: ClassVar[str] = "NeutralAppointed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    neutral_id: Annotated[str, personal(ID_MAX)] | None = None
    independence_statement: bool | None = None


class NeutralChallenged(Payload, frozen=True, kw_only=True):
    """A party challenged the neutral."""

    event_type: ClassVar[str] = "NeutralChallenged"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    reason: Text | None = None


class NeutralReplaced(PersonalPayload, frozen=True, kw_only=True):
    """Another neutral took over."""

    event_type: ClassVar[str] = "NeutralReplaced"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    neutral_id: Annotated[str, personal(ID_MAX)] | None = None
    independence_statement: bool | None = None
    reason: Text | None = None


class FinalStageStarted(Payload, frozen=True, kw_only=True):
    """The dispute is to be decided."""

    event_type: ClassVar[str] = "FinalStageStarted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    method: DisputeMethod | None = None
    binding: bool | None = None


class AutomatedAssistanceUsed(Payload, frozen=True, kw_only=True):
    """A machine helped."""

    event_type: ClassVar[str] = "AutomatedAssistanceUsed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    purpose: AssistancePurpose | None = None
    model_id: Name | None = None
    model_version: Name | None = None
    input_sha256: Sha256 | None = None
    output_sha256: Sha256 | None = None
    human_reviewed_by: Identifier | None = None


class DisputeReferred(PersonalPayload, frozen=True, kw_only=True):
    """The dispute was handed to another forum, under an agreement."""

    event_type: ClassVar[str] = "DisputeReferred"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    to_party_id: PartyId | None = None
    agreement_id: AgreementId | None = None
    fields_shared: Annotated[tuple[Name, ...], Meta(max_length=100)] | None = None
    translation: Language | None = None
    consent_ref: Annotated[str, personal(ID_MAX)] | None = None


class ReferralAccepted(Payload, frozen=True, kw_only=True):
    """The other forum took the dispute."""

    event_type: ClassVar[str] = "ReferralAccepted"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    foreign_case_no: Name | None = None


class ReferralDeclined(Payload, frozen=True, kw_only=True):
    """The other forum did not take the dispute."""

    event_type: ClassVar[str] = "ReferralDeclined"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    reason: Text | None = None


class DisputeOutcomeRecorded(Payload, frozen=True, kw_only=True):
    """The dispute has an outcome."""

    event_type: ClassVar[str] = "DisputeOutcomeRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    outcome: DisputeOutcome
    stage: Code | None = None
    method: DisputeMethod | None = None
    remedies: Remedies | None = None
    amount_awarded: Money | None = None
    binding: bool | None = None
    decided_by: Identifier | None = None
    text_sha256: Sha256 | None = None
    published: bool | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """One outcome is in force at a time."""
        return (RuleKey(OUTCOME),)


class OutcomeObjectionFiled(Payload, frozen=True, kw_only=True):
    """A party went to court against the outcome."""

    event_type: ClassVar[str] = "OutcomeObjectionFiled"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    filed_at: Instant
    court: Name | None = None


class OutcomeSetAside(Payload, frozen=True, kw_only=True):
    """A court set the outcome aside: it is in force no longer."""

    event_type: ClassVar[str] = "OutcomeSetAside"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    court: Name | None = None
    ground: Text | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """It makes room for another outcome."""
        return (RuleKey(OUTCOME),)


class OutcomeUpheld(Payload, frozen=True, kw_only=True):
    """A court left the outcome as it is."""

    event_type: ClassVar[str] = "OutcomeUpheld"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    court: Name | None = None


class OutcomeComplianceRecorded(Payload, frozen=True, kw_only=True):
    """What came of the outcome."""

    event_type: ClassVar[str] = "OutcomeComplianceRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    status: ComplianceStatus
    amount_paid: Money | None = None


class DisputeWithdrawn(Payload, frozen=True, kw_only=True):
    """The claimant took the claim back."""

    event_type: ClassVar[str] = "DisputeWithdrawn"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    reason: Text | None = None


class DisputeClosed(Payload, frozen=True, kw_only=True):
    """The forum closed the case."""

    event_type: ClassVar[str] = "DisputeClosed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = DISPUTE

    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    DisputeFiled,
    DisputeAcknowledged,
    DisputeAdmissibilityDecided,
    DisputeNotified,
    DisputeResponseSubmitted,
    DisputeRespondentDefaulted,
    NegotiationStarted,
    SettlementProposed,
    FacilitationStarted,
    NeutralAppointed,
    NeutralChallenged,
    NeutralReplaced,
    FinalStageStarted,
    AutomatedAssistanceUsed,
    DisputeReferred,
    ReferralAccepted,
    ReferralDeclined,
    DisputeOutcomeRecorded,
    OutcomeObjectionFiled,
    OutcomeSetAside,
    OutcomeUpheld,
    OutcomeComplianceRecorded,
    DisputeWithdrawn,
    DisputeClosed,
)
