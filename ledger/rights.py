"""Who may what: the table of roles, written from domain.md section 3. Pure: data, and three questions at its end.

What a role does not have here it may not do. Tenants, cases and windows come from the credential; `api.auth` is the
only place where HTTP asks.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from ledger.errors import InputError

Role: TypeAlias = Literal[
    "operator",
    "PLATFORM_WRITER",
    "PLATFORM_COMPLIANCE",
    "RIGHTS_HOLDER",
    "AGENT",
    "ALLIANCE_SECRETARIAT",
    "CONSUMER_AGENCY",
    "PARTNER_AGENCY",
    "ODR_ADMIN",
    "REGULATOR",
    "TASK_FORCE",
    "LAW_ENFORCEMENT",
    "COURT",
    "AUDITOR",
    "RESEARCHER",
    "PUBLIC",
    "PRIVACY_OFFICER",
]
"""What a token may stand for. The ledger's own events have the role SYSTEM, which no token has."""
ROLES: tuple[Role, ...] = get_args(Role)
OPERATOR: Role = "operator"
PRIVACY_OFFICER: Role = "PRIVACY_OFFICER"
OTHER_NAMES: Mapping[str, Role] = {"LEDGER_OPERATOR": OPERATOR}
"""What domain.md calls a role by another name than the contract."""
ACTED_FOR: Mapping[str, str] = {
    "SELLER": "the platform (PLATFORM_WRITER) acts for its sellers",
    "CONSUMER": "the forum (CONSUMER_AGENCY) acts for consumers",
    "BODY_MEMBER": "the secretariat (ALLIANCE_SECRETARIAT) acts for members of its bodies",
    "NEUTRAL": "the provider (ODR_ADMIN) acts for its neutrals",
    "SYSTEM": "it is the ledger's own, and never a token's",
}
"""Roles that get no token, and who acts for them."""

Types: TypeAlias = frozenset[str]
CORRECTIONS: Types = frozenset({"EventCorrected", "EventVoided"})
"""How a role says that it was wrong itself: on events of the types that it may append, or its writer may."""

PLATFORM: Types = frozenset({
    "PlatformRegistered", "PlatformLicenceRecorded", "PlatformRepresentativeAppointed", "ServiceFeatureStatusDeclared",
    "ServiceSuspended", "ServiceResumed", "SubmissionPeriodClosed",
})  # fmt: skip
SELLER: Types = frozenset({
    "SellerRegistered", "SellerVerificationSubmitted", "SellerVerified", "SellerVerificationRejected",
    "SellerVerificationExpired", "SellerVerificationRevoked", "SellerOnboarded", "SellerWarned", "SellerPointsAssessed",
    "SellerPointsCleared", "SellerStrikeRecorded", "SellerStrikeRescinded", "SellerSuspended", "SellerSuspensionLifted",
    "SellerPaymentsRestricted", "SellerPaymentsReleased", "SellerBanned", "SellerBanRevoked", "SellerAccountClosed",
})  # fmt: skip
LISTING: Types = frozenset({
    "ListingPublished", "ListingAttributesChanged", "ListingPublicationRefused", "ListingBlocked", "ListingRestricted",
    "RestrictionAmended", "ListingReinstated", "ListingWithdrawn", "ListingRelisted", "StatementOfReasonsIssued",
    "StatementSubmitted", "PurchasersNotified",
})  # fmt: skip
PARTY: Types = frozenset({
    "PartyRegistered", "PartyIdentifierAdded", "PartyClassified", "PartiesLinked", "PartiesUnlinked",
})  # fmt: skip
TAKEDOWN_PLATFORM: Types = frozenset({
    "NoticeReceived", "NoticeReturned", "NoticeSupplemented", "NoticeRejected", "TakedownActioned", "TakedownDeclined",
    "CounterNoticeSubmitted", "CounterNoticeRejected", "CounterNoticeForwarded", "DeadlineExtended",
    "MeasureMaintained", "TakedownReversed", "NoticeFoundAbusive", "TakedownCaseClosed",
})  # fmt: skip
"""The platform's side of a takedown case, and its sellers', for whom it acts."""
TAKEDOWN_HOLDER: Types = frozenset({"NoticeSubmitted", "NoticeWithdrawn", "LegalActionNotified"})
"""The right holder's side of the same case."""
APPEAL: Types = frozenset({"AppealFiled", "AppealDecided", "AppealWithdrawn"})
POLICY: Types = frozenset({
    "PolicyAnnounced", "PolicyVersionAdopted", "PolicyRuleDefined", "PolicyReviewed", "PolicySuspended",
    "PolicyResumed", "PolicyRepealed", "PolicyInterpretationIssued", "EnforcementGraceGranted",
})  # fmt: skip
TAXONOMY: Types = frozenset({"TaxonomyVersionPublished", "CategoryMapped"})
CALENDAR: Types = frozenset({"CalendarPublished", "CalendarAmended"})
PROGRAMME: Types = frozenset({
    "ProgrammeAnnounced", "ProgrammeStarted", "ProgrammeActivityHeld", "ProgrammeMetricReported", "ProgrammeEnded",
})  # fmt: skip
IP_RIGHT: Types = frozenset({"IpRightRecorded", "IpRightAssigned", "IpRightLapsed"})
IP_RIGHT_VALIDATION: Types = frozenset({"IpRightValidated", "IpRightValidationRejected"})
"""A right is its holder's; whether it is valid says the platform (domain.md 4)."""
MEMBERSHIP: Types = frozenset({
    "MembershipApplied", "MembershipAdmitted", "MembershipTierChanged", "BrandAssociated", "BrandDissociated",
    "MembershipSuspended", "MembershipReinstated", "MembershipEnded",
})  # fmt: skip
BODY: Types = frozenset({
    "BodyAnnounced", "BodyEstablished", "BodyMandateAdopted", "WorkingGroupFormed", "BodyDissolved", "MeetingScheduled",
    "MeetingHeld", "RecommendationAdopted",
})  # fmt: skip
DISPUTE: Types = frozenset({
    "DisputeFiled", "DisputeAcknowledged", "DisputeAdmissibilityDecided", "DisputeNotified", "DisputeResponseSubmitted",
    "DisputeRespondentDefaulted", "AutomatedAssistanceUsed", "OutcomeObjectionFiled", "OutcomeSetAside",
    "OutcomeUpheld", "OutcomeComplianceRecorded", "DisputeWithdrawn", "DisputeClosed",
})  # fmt: skip
STAGES: Types = frozenset({
    "NegotiationStarted", "SettlementProposed", "FacilitationStarted", "NeutralAppointed", "NeutralChallenged",
    "NeutralReplaced", "FinalStageStarted", "DisputeOutcomeRecorded",
})  # fmt: skip
REFERRAL: Types = frozenset({"DisputeReferred"})
REFERRAL_ANSWER: Types = frozenset({"ReferralAccepted", "ReferralDeclined"})
"""Who refers does not answer: the other agency does."""
AGREEMENT: Types = frozenset({
    "AgreementNegotiationOpened", "AgreementSigned", "AgreementEnteredIntoForce", "AgreementAmended",
    "AgreementSuspended", "AgreementTerminated", "CooperationActivityHeld",
})  # fmt: skip
ORDER_AUTHORITY: Types = frozenset({
    "OrderIssued", "OrderRevoked", "InformationRequested", "SanctionImposed", "SanctionLifted",
})  # fmt: skip
ORDER_PLATFORM: Types = frozenset({
    "OrderReceived", "OrderAcknowledged", "OrderEffectGiven", "OrderRefused", "OrderChallenged", "InformationProvided",
})  # fmt: skip
INVESTIGATION: Types = frozenset({
    "InvestigationOpened", "EvidenceSecured", "TestPurchaseMade", "LeadReferred", "FindingRecorded",
    "InvestigationClosed",
})  # fmt: skip
ENFORCEMENT: Types = frozenset({"EnforcementActionReported"})
"""What an authority did with a lead: who refers one does not report that."""
CLAIM: Types = frozenset({"ClaimPublished", "ClaimPredicateAttached", "ClaimAmended", "ClaimWithdrawn"})
CLAIM_DISPUTE: Types = frozenset({"ClaimDisputed"})
"""Nobody disputes a claim of its own; that one is evaluated says the ledger."""
REPORT: Types = frozenset({"TransparencyReportPublished", "TransparencyReportCorrected"})
PRIVACY: Types = frozenset({"ErasureRequested", "ErasureDeferred", "LegalHoldReleased"})
"""That a key is destroyed says the ledger alone, once it is; the officer has it destroyed by POST /v1/erasures."""

_PLATFORM_WRITER = (
    PLATFORM | SELLER | LISTING | PARTY | TAKEDOWN_PLATFORM | APPEAL | POLICY | TAXONOMY | PROGRAMME
    | IP_RIGHT_VALIDATION | ORDER_PLATFORM | INVESTIGATION | CLAIM | REPORT | {"ApplicationEventStored"}
)  # fmt: skip
_RIGHTS_HOLDER = IP_RIGHT | TAKEDOWN_HOLDER | CORRECTIONS | {"TestPurchaseMade"}
_AUTHORITY = POLICY | TAXONOMY | CALENDAR | ORDER_AUTHORITY | INVESTIGATION | ENFORCEMENT | REPORT | BODY | PARTY

APPENDS: Mapping[str, Types] = {
    "operator": frozenset(),
    "PLATFORM_WRITER": _PLATFORM_WRITER,
    "PLATFORM_COMPLIANCE": CORRECTIONS,
    "RIGHTS_HOLDER": _RIGHTS_HOLDER,
    "AGENT": _RIGHTS_HOLDER,
    "ALLIANCE_SECRETARIAT": BODY | MEMBERSHIP | PROGRAMME | INVESTIGATION | CORRECTIONS,
    "CONSUMER_AGENCY": DISPUTE | STAGES | REFERRAL | AGREEMENT | PROGRAMME | CORRECTIONS,
    "PARTNER_AGENCY": REFERRAL_ANSWER | CORRECTIONS | {"DisputeOutcomeRecorded"},
    "ODR_ADMIN": STAGES | CORRECTIONS,
    "REGULATOR": _AUTHORITY | {"LegalHoldPlaced", "LegalHoldReleased"} | CORRECTIONS,
    "TASK_FORCE": INVESTIGATION | ENFORCEMENT | CLAIM_DISPUTE | CORRECTIONS | {"InformationRequested"},
    "LAW_ENFORCEMENT": ENFORCEMENT | CORRECTIONS | {"OrderIssued", "OrderRevoked"},
    "COURT": ENFORCEMENT | CORRECTIONS | {"OrderIssued", "OrderRevoked"},
    "AUDITOR": CORRECTIONS | {"AuditFindingRecorded"},
    "RESEARCHER": frozenset(),
    "PUBLIC": frozenset(),
    "PRIVACY_OFFICER": PRIVACY,
}
"""The types of events that a role may append. Where section 3 is silent of a stream, section 4 says who owns it."""
CORRECTS: Mapping[str, Types] = {
    **{role: types - CORRECTIONS for role, types in APPENDS.items() if types & CORRECTIONS},
    "PLATFORM_COMPLIANCE": _PLATFORM_WRITER,
}
"""The types of events that a role may correct and void: its own side's, and a platform's by its officer alone."""

Kinds: TypeAlias = frozenset[str]
EVERY_KIND: Kinds = frozenset({"PLATFORM", "AUTHORITY", "HOLDER", "FORUM", "REGISTER", "APPLICATION", "AUDIT"})
_HOLDERS: Kinds = frozenset({"HOLDER", "REGISTER"})
OWN_KINDS: Mapping[Role, Kinds] = {
    "PLATFORM_WRITER": EVERY_KIND - {"AUDIT"},
    "PLATFORM_COMPLIANCE": EVERY_KIND - {"AUDIT"},
    "RIGHTS_HOLDER": _HOLDERS,
    "AGENT": _HOLDERS,
    "ALLIANCE_SECRETARIAT": _HOLDERS,
    "CONSUMER_AGENCY": frozenset({"FORUM", "AUTHORITY", "REGISTER"}),
    "REGULATOR": EVERY_KIND,
    "TASK_FORCE": EVERY_KIND,
    "AUDITOR": EVERY_KIND,
}
"""The kinds of logs that a role reads whole where its token names them; platforms never read the audit log."""
READS_JURISDICTION: frozenset[Role] = frozenset({"REGULATOR", "TASK_FORCE"})
READS_PUBLIC: frozenset[Role] = frozenset({"RESEARCHER", "PUBLIC"})
"""Of other logs these get counts of whole lists, and nothing else (`api.aggregates`)."""
COUNTED_MIN = 10
"""Of fewer nobody is told how many they are who does not see them (domain.md 3: k >= 10)."""
COUNTED_CLASSES: frozenset[str] = frozenset({"INTERNAL", "CONFIDENTIAL"})
"""The data classes of logs that are counted for who does not see them."""
READS_EVERYTHING: frozenset[Role] = frozenset({OPERATOR})

Participation: TypeAlias = Literal["NAMED", "REFERRED", "NOTIFIED", "BODY"]
PARTICIPATES: Mapping[Role, Participation] = {
    "ODR_ADMIN": "NAMED",
    "LAW_ENFORCEMENT": "NAMED",
    "COURT": "NAMED",
    "AUDITOR": "NAMED",
    "PARTNER_AGENCY": "REFERRED",
    "RIGHTS_HOLDER": "NOTIFIED",
    "AGENT": "NOTIFIED",
    "ALLIANCE_SECRETARIAT": "BODY",
}
"""By what a case is a role's, in logs that its token names and that it does not read whole."""
UNMASKS: frozenset[Role] = frozenset({
    "PLATFORM_WRITER", "PLATFORM_COMPLIANCE", "RIGHTS_HOLDER", "AGENT", "CONSUMER_AGENCY", "REGULATOR", "AUDITOR",
})  # fmt: skip
"""Who may read personal data, where it may read all members: each time for a purpose, which is recorded."""
CITES_BASIS: frozenset[Role] = frozenset({"REGULATOR"})
"""Whose purpose must name its legal basis."""
ERASES: frozenset[Role] = frozenset({OPERATOR, "PRIVACY_OFFICER"})
READS_KEYS: frozenset[Role] = frozenset({OPERATOR, "PRIVACY_OFFICER"})
READS_ACCESSES: frozenset[Role] = frozenset({OPERATOR, "PRIVACY_OFFICER", "REGULATOR", "AUDITOR"})


def read_role(text: str) -> Role:
    """Return the role of this name, whatever its case. Raises InputError, which says who acts for a role without."""
    name = text.upper()
    for role in ROLES:
        if role.upper() == name:
            return role
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    if name in ACTED_FOR:
        raise InputError(f"{name} gets no token: {ACTED_FOR[name]}")
    raise InputError(f"there is no role {text!r}: it is one of {', '.join(ROLES)}")


def may_append(role: str, event_type: str) -> bool:
    """Tell whether a role may append events of a type."""
    return event_type in APPENDS.get(role, ())


def may_correct(role: str, event_type: str) -> bool:
    """Tell whether a role may correct and void events of a type."""
    return event_type in CORRECTS.get(role, ())
