"""INCOMPLETE: members that an event should have, and has not (domain.md 7, "What `!` means").

They are accepted when absent, since a ledger that refuses bad news hides it (D6). An empty list is as good as none.
"""

from collections.abc import Iterator, Mapping

from projections.flags.history import History
from projections.flags.rule import Check, Finding, Surroundings

DECISION = (
    "decision_ground",
    "category",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "decided_by",
    "redress",
)
BASED = ("legal_basis",)
RESTRICTION = ("territorial_scope", *DECISION, *BASED)
NEUTRAL = ("neutral_id", "independence_statement")

EXPECTED: Mapping[str, tuple[str, ...]] = {
    # 7.1 platform
    "PlatformRegistered": ("legal_entity", "country", "business_model"),
    "PlatformLicenceRecorded": ("authority", "number", *BASED),
    "PlatformRepresentativeAppointed": ("party_id", "contact", *BASED),
    "ServiceFeatureStatusDeclared": ("declared_by",),
    "ServiceSuspended": ("cause",),
    "SubmissionPeriodClosed": ("totals", "first_native_seq", "last_native_seq", "nil_return", "attested_by"),
    # 7.2 party
    "PartyRegistered": ("name", "country"),
    "PartyIdentifierAdded": BASED,
    "PartyClassified": ("size_class", "size_basis", "assessed_by"),
    "PartiesLinked": ("confidence", "method"),
    # 7.3 seller
    "SellerRegistered": ("platform_id", "country", "account_type"),
    "SellerVerificationSubmitted": ("documents", *BASED),
    "SellerVerified": (
        "entity_class",
        "document_type",
        "document_country",
        "verification_method",
        "verified_by",
        *BASED,
    ),
    "SellerVerificationRejected": ("reasons",),
    "SellerVerificationRevoked": ("reason",),
    "SellerOnboarded": ("programme_id", "size_class"),
    "SellerWarned": ("reason_code", *DECISION, *BASED),
    "SellerPointsAssessed": ("points", "scheme_policy_id", "reason_code", *BASED),
    "SellerPointsCleared": ("points", "ground", *BASED),
    "SellerStrikeRecorded": ("severity", "case_id", *BASED),
    "SellerStrikeRescinded": ("ground", *BASED),
    "SellerSuspended": ("reason_code", *RESTRICTION),
    "SellerSuspensionLifted": ("ground", *BASED),
    "SellerPaymentsRestricted": RESTRICTION,
    "SellerPaymentsReleased": BASED,
    "SellerBanned": ("reason_code", "permanent", *RESTRICTION),
    "SellerBanRevoked": ("ground", "reviewer", *BASED),
    "SellerAccountClosed": ("by",),
    # 7.4 listing; a ship-from country may be absent: what hangs on it is undetermined then
    "ListingPublished": ("seller_id", "category_code", "taxonomy_version", "destination_countries"),
    "ListingPublicationRefused": ("seller_id", *DECISION, *BASED),
    "ListingBlocked": RESTRICTION,
    "ListingRestricted": RESTRICTION,
    "RestrictionAmended": ("reason", *BASED),
    "ListingReinstated": ("ground", "decided_by"),
    "ListingWithdrawn": ("by",),
    "StatementOfReasonsIssued": ("recipient_seller_id", "channel", "content_sha256", "lang", *BASED),
    "PurchasersNotified": ("count", "channel", *BASED),
    # 7.5 rights, memberships, bodies, programmes
    "IpRightRecorded": ("office", "owner_party_id", "territories", *BASED),
    "IpRightValidated": ("validator", *BASED),
    "IpRightValidationRejected": ("reason", *BASED),
    "IpRightAssigned": ("to_party_id", *BASED),
    "IpRightLapsed": ("ground", *BASED),
    "MembershipApplied": ("body_or_programme_id", "party_id"),
    "MembershipAdmitted": ("body_id", "party_id", "tier"),
    "MembershipTierChanged": ("before", "after", "metrics", *BASED),
    "MembershipEnded": ("reason",),
    "BodyAnnounced": ("name",),
    "BodyEstablished": ("name",),
    "BodyMandateAdopted": ("objectives", "powers", "members"),
    "WorkingGroupFormed": ("industry",),
    "MeetingHeld": ("mode", "attendee_count"),
    "RecommendationAdopted": ("text_sha256", "addressee"),
    "ProgrammeStarted": ("owner", "partners", "objectives", "countries"),
    "ProgrammeMetricReported": ("unit", "reference_time", "method", "source"),
    # 7.6 policy, taxonomy, calendar
    "PolicyAnnounced": ("title",),
    "PolicyVersionAdopted": ("text_sha256", "lang", "jurisdiction"),
    "PolicyRuleDefined": ("scope", "params", "severity"),
    "PolicyReviewed": ("trigger",),
    "PolicySuspended": BASED,
    "PolicyResumed": BASED,
    "PolicyRepealed": BASED,
    "PolicyInterpretationIssued": ("issuer", "article", "text_sha256", "binding", *BASED),
    "EnforcementGraceGranted": ("source", *BASED),
    "TaxonomyVersionPublished": ("entries_sha256", "count"),
    "CategoryMapped": ("to_cluster",),
    "CalendarPublished": BASED,
    "CalendarAmended": BASED,
    # 7.7 takedown case and appeal
    "NoticeSubmitted": (
        "platform_id",
        "ip_right_id",
        "items",
        "explanation",
        "good_faith_statement",
        "accuracy_statement",
        "authority_statement",
        "contact",
        *BASED,
    ),
    "NoticeReceived": (
        "channel",
        "notifier_party_id",
        "notifier_size_class",
        "notifier_tier",
        "ip_right_type",
        "items",
        "regime",
        *BASED,
    ),
    "NoticeReturned": ("item_nos", "reasons"),
    "NoticeRejected": ("item_nos", "reasons"),
    "NoticeWithdrawn": ("item_nos", "by"),
    "TakedownActioned": ("listing_id", "restriction_id", "decided_by", "automated_decision", *BASED),
    "TakedownDeclined": ("reasons", "decided_by", *BASED),
    "CounterNoticeSubmitted": ("attempt", "grounds", "statement_under_penalty", "contact", *BASED),
    "CounterNoticeRejected": ("reasons", *BASED),
    "CounterNoticeForwarded": BASED,
    "LegalActionNotified": ("forum", *BASED),
    "DeadlineExtended": ("reason", *BASED),
    "MeasureMaintained": ("ground", *BASED),
    "TakedownReversed": ("restriction_id", "ground", *BASED),
    "NoticeFoundAbusive": ("notifier_party_id", *BASED),
    "TakedownCaseClosed": ("reason",),
    "AppealFiled": ("grounds", *BASED),
    "AppealDecided": ("decided_by", "human_review", "reasons", *BASED),
    # 7.8 dispute and agreement
    "DisputeFiled": (
        "claimant_country",
        "respondent_country",
        "issue",
        "remedy_sought",
        "claimant_subject_id",
        "claimant_name",
        "claimant_contact",
        "prior_contact_with_trader",
    ),
    "DisputeNotified": ("to_party_id",),
    "DisputeResponseSubmitted": ("position",),
    "SettlementProposed": ("by", "terms_sha256"),
    "FacilitationStarted": ("method",),
    "NeutralAppointed": NEUTRAL,
    "NeutralReplaced": NEUTRAL,
    "FinalStageStarted": ("method", "binding"),
    "AutomatedAssistanceUsed": ("purpose", "model_id", "model_version", "input_sha256", "output_sha256", *BASED),
    "DisputeReferred": ("to_party_id", "agreement_id", "fields_shared", "consent_ref", *BASED),
    "ReferralAccepted": ("foreign_case_no",),
    "ReferralDeclined": ("reason",),
    "DisputeOutcomeRecorded": ("stage", "method", "binding", "published", *BASED),
    "OutcomeObjectionFiled": ("court", *BASED),
    "OutcomeSetAside": ("court", "ground", *BASED),
    "OutcomeUpheld": BASED,
    "OutcomeComplianceRecorded": BASED,
    "DisputeClosed": ("reason",),
    "AgreementNegotiationOpened": ("parties", "countries"),
    "AgreementSigned": ("parties", "countries", "scope", "in_force_on_signature"),
    "AgreementTerminated": ("reason",),
    "CooperationActivityHeld": ("parties",),
    # 7.9 order, investigation, claim, report; of an order these are the elements of DSA article 9(2)
    "OrderIssued": ("authority", "addressee_platform_id", "targets", "urgency", "reasons", "redress", *BASED),
    "OrderEffectGiven": ("restriction_ids", *BASED),
    "OrderRefused": ("reason", *BASED),
    "OrderChallenged": ("forum", *BASED),
    "OrderRevoked": BASED,
    "InformationRequested": ("items", "addressee", *BASED),
    "InformationProvided": ("content_sha256", *BASED),
    "SanctionImposed": ("ladder", *DECISION, *BASED),
    "SanctionLifted": BASED,
    "InvestigationOpened": ("subject_refs", "trigger"),
    "EvidenceSecured": ("evidence",),
    "TestPurchaseMade": ("listing_id", "price", "authentic"),
    "LeadReferred": ("to_authority", "count", "content_sha256"),
    "EnforcementActionReported": ("authority",),
    "FindingRecorded": ("confidence",),
    "ClaimPublished": ("speaker_party_id", "attribution"),
    "ClaimPredicateAttached": ("author", "size_claimed"),
    "ClaimDisputed": ("by", "disputed_field", "source"),
    "ClaimAmended": ("by",),
    "ClaimWithdrawn": ("by",),
    "TransparencyReportPublished": ("figures_sha256", "manifest", *BASED),
    "TransparencyReportCorrected": ("changes", *BASED),
    # 7.10 corrections
    "EventCorrected": ("approved_by",),
    "EventVoided": ("approved_by",),
}
"""The members marked `!` that are accepted when absent, and the legal basis where column LB requires one."""
WIRE_NAMES: Mapping[str, str] = {"before": "from", "after": "to"}
"""What members are called on the wire, where that is a word of the language here."""


def find_incomplete(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find events without members that they should have."""
    for fact in (*history.facts, *history.corrections):
        missing = [name for name in EXPECTED.get(fact.type, ()) if getattr(fact.payload, name) in (None, ())]
        if missing:
            names = ", ".join(WIRE_NAMES.get(name, name) for name in missing)
            yield Finding(fact=fact, detail=f"The event does not state: {names}.")


INCOMPLETE = Check(find=find_incomplete)
