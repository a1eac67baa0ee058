"""The matrix of rights, written by hand from domain.md section 3: event type and route by role. Absent means 403."""

from collections.abc import Mapping

import msgspec
import pytest

from api.examples import read_examples
from ledger.domain.catalogue import EVENTS
from ledger.errors import InputError
from ledger.rights import ACTED_FOR, ROLES, Role, read_role
from tests.api.desk import CLOUDEVENTS, SHOP, Desk, Json, event
from tests.api.roles import many_of

EXAMPLES = read_examples()

PLATFORM = """
PlatformRegistered PlatformLicenceRecorded PlatformRepresentativeAppointed ServiceFeatureStatusDeclared
ServiceSuspended ServiceResumed SubmissionPeriodClosed
PartyRegistered PartyIdentifierAdded PartyClassified PartiesLinked PartiesUnlinked
SellerRegistered SellerVerificationSubmitted SellerVerified SellerVerificationRejected SellerVerificationExpired
SellerVerificationRevoked SellerOnboarded SellerWarned SellerPointsAssessed SellerPointsCleared SellerStrikeRecorded
SellerStrikeRescinded SellerSuspended SellerSuspensionLifted SellerPaymentsRestricted SellerPaymentsReleased
SellerBanned SellerBanRevoked SellerAccountClosed
ListingPublished ListingAttributesChanged ListingPublicationRefused ListingBlocked ListingRestricted
RestrictionAmended ListingReinstated ListingWithdrawn ListingRelisted StatementOfReasonsIssued StatementSubmitted
PurchasersNotified
IpRightValidated IpRightValidationRejected
NoticeReceived NoticeReturned NoticeSupplemented NoticeRejected TakedownActioned TakedownDeclined
CounterNoticeSubmitted CounterNoticeRejected CounterNoticeForwarded DeadlineExtended MeasureMaintained TakedownReversed
NoticeFoundAbusive TakedownCaseClosed
AppealFiled AppealDecided AppealWithdrawn
PolicyAnnounced PolicyVersionAdopted PolicyRuleDefined PolicyReviewed PolicySuspended PolicyResumed PolicyRepealed
PolicyInterpretationIssued EnforcementGraceGranted TaxonomyVersionPublished CategoryMapped
ProgrammeAnnounced ProgrammeStarted ProgrammeActivityHeld ProgrammeMetricReported ProgrammeEnded
OrderReceived OrderAcknowledged OrderEffectGiven OrderRefused OrderChallenged InformationProvided
InvestigationOpened EvidenceSecured TestPurchaseMade LeadReferred FindingRecorded InvestigationClosed
ClaimPublished ClaimPredicateAttached ClaimAmended ClaimWithdrawn
TransparencyReportPublished TransparencyReportCorrected ApplicationEventStored
"""
HOLDER = """
IpRightRecorded IpRightAssigned IpRightLapsed NoticeSubmitted NoticeWithdrawn LegalActionNotified TestPurchaseMade
EventCorrected EventVoided
"""
COURT = "OrderIssued OrderRevoked EnforcementActionReported EventCorrected EventVoided"
MAY_APPEND: Mapping[Role, str] = {
    "operator": "",
    "PLATFORM_WRITER": PLATFORM,
    "PLATFORM_COMPLIANCE": "EventCorrected EventVoided",
    "RIGHTS_HOLDER": HOLDER,
    "AGENT": HOLDER,
    "ALLIANCE_SECRETARIAT": """
        BodyAnnounced BodyEstablished BodyMandateAdopted WorkingGroupFormed BodyDissolved MeetingScheduled MeetingHeld
        RecommendationAdopted
        MembershipApplied MembershipAdmitted MembershipTierChanged BrandAssociated BrandDissociated MembershipSuspended
        MembershipReinstated MembershipEnded
        ProgrammeAnnounced ProgrammeStarted ProgrammeActivityHeld ProgrammeMetricReported ProgrammeEnded
        InvestigationOpened EvidenceSecured TestPurchaseMade LeadReferred FindingRecorded InvestigationClosed
        EventCorrected EventVoided
    """,
    "CONSUMER_AGENCY": """
        DisputeFiled DisputeAcknowledged DisputeAdmissibilityDecided DisputeNotified DisputeResponseSubmitted
        DisputeRespondentDefaulted NegotiationStarted SettlementProposed FacilitationStarted NeutralAppointed
        NeutralChallenged NeutralReplaced FinalStageStarted AutomatedAssistanceUsed DisputeReferred
        DisputeOutcomeRecorded OutcomeObjectionFiled OutcomeSetAside OutcomeUpheld OutcomeComplianceRecorded
        DisputeWithdrawn DisputeClosed
        AgreementNegotiationOpened AgreementSigned AgreementEnteredIntoForce AgreementAmended AgreementSuspended
        AgreementTerminated CooperationActivityHeld
        ProgrammeAnnounced ProgrammeStarted ProgrammeActivityHeld ProgrammeMetricReported ProgrammeEnded
        EventCorrected EventVoided
    """,
    "PARTNER_AGENCY": "ReferralAccepted ReferralDeclined DisputeOutcomeRecorded EventCorrected EventVoided",
    "ODR_ADMIN": """
        NegotiationStarted SettlementProposed FacilitationStarted NeutralAppointed NeutralChallenged NeutralReplaced
        FinalStageStarted DisputeOutcomeRecorded EventCorrected EventVoided
    """,
    "REGULATOR": """
        PolicyAnnounced PolicyVersionAdopted PolicyRuleDefined PolicyReviewed PolicySuspended PolicyResumed
        PolicyRepealed PolicyInterpretationIssued EnforcementGraceGranted TaxonomyVersionPublished CategoryMapped
        CalendarPublished CalendarAmended
        OrderIssued OrderRevoked InformationRequested SanctionImposed SanctionLifted
        InvestigationOpened EvidenceSecured TestPurchaseMade LeadReferred FindingRecorded InvestigationClosed
        EnforcementActionReported LegalHoldPlaced LegalHoldReleased
        BodyAnnounced BodyEstablished BodyMandateAdopted WorkingGroupFormed BodyDissolved MeetingScheduled MeetingHeld
        RecommendationAdopted PartyRegistered PartyIdentifierAdded PartyClassified PartiesLinked PartiesUnlinked
        TransparencyReportPublished TransparencyReportCorrected
        EventCorrected EventVoided
    """,
    "TASK_FORCE": """
        InvestigationOpened EvidenceSecured TestPurchaseMade LeadReferred FindingRecorded InvestigationClosed
        EnforcementActionReported ClaimDisputed InformationRequested EventCorrected EventVoided
    """,
    "LAW_ENFORCEMENT": COURT,
    "COURT": COURT,
    "AUDITOR": "AuditFindingRecorded EventCorrected EventVoided",
    "RESEARCHER": "",
    "PUBLIC": "",
    "PRIVACY_OFFICER": "ErasureRequested ErasureDeferred LegalHoldReleased",
}
NOBODY = """
ClaimEvaluated ErasureExecuted RecordsAccessed ReplayExecuted ExportProduced TenantClosed CheckpointAnchored LogReopened
SigningKeyRotated
"""
"""What the ledger alone says of itself."""


@pytest.fixture(scope="module")
async def many(shared_desk: Desk) -> Desk:
    """Return a desk with a token of each role, named by it."""
    return await many_of(shared_desk)


def test_every_type_of_event_is_somebodys_or_nobodys() -> None:
    told = {name for types in MAY_APPEND.values() for name in types.split()}
    assert (told | set(NOBODY.split()), told & set(NOBODY.split())) == (set(EVENTS), set())
    assert tuple(MAY_APPEND) == ROLES


@pytest.mark.parametrize("role", [role for role in ROLES if MAY_APPEND[role]])
async def test_a_role_may_append_what_the_table_says_and_nothing_else(many: Desk, role: Role) -> None:
    response = await many.ask(
        "POST",
        f"/v1/logs/{SHOP}/events",
        who=role,
        content=msgspec.json.encode(list(EXAMPLES.values())),
        headers={"Content-Type": CLOUDEVENTS},
        atomic="false",
        dry_run="true",
    )
    assert response.status_code == 207, response.text
    may = {
        example["type"]
        for example, result in zip(EXAMPLES.values(), response.json()["results"], strict=True)
        if not is_forbidden(result, "/type")
    }
    assert may == set(MAY_APPEND[role].split())


def is_forbidden(result: Json, pointer: str) -> bool:
    """Tell whether one of several events is refused because of whose it is."""
    found = [fault for fault in result.get("problem", {}).get("errors", ()) if fault["code"] == "forbidden-role"]
    assert not found or result["status"] == 403
    return any(fault["pointer"] == pointer for fault in found)


@pytest.mark.parametrize("role", [role for role in ROLES if not MAY_APPEND[role]])
async def test_an_operator_and_who_only_reads_append_nothing(many: Desk, role: Role) -> None:
    for example in EXAMPLES.values():
        response = await many.ask(
            "POST", f"/v1/logs/{SHOP}/events", who=role, content=msgspec.json.encode(example), dry_run="true"
        )
        assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden")


async def test_a_batch_with_one_event_of_another_side_is_refused_whole(many: Desk) -> None:
    before = await many.size()
    batch = [
        event("own", "ListingPublished", "listing:shop:both-sides"),
        event("others", "NoticeSubmitted", "takedown_case:shop:both-sides", notice_ref="N"),
    ]
    for atomic in ("true", "false"):
        response = await many.ask(
            "POST",
            f"/v1/logs/{SHOP}/events",
            who="PLATFORM_WRITER",
            content=msgspec.json.encode(batch),
            atomic=atomic,
            dry_run="false" if atomic == "true" else "true",
        )
        problem = response.json() if atomic == "true" else response.json()["results"][1]["problem"]
        detail = "PLATFORM_WRITER may not append NoticeSubmitted"
        fault = {"index": 1, "pointer": "/type", "code": "forbidden-role", "detail": detail}
        assert (problem["status"], problem["type"], problem["errors"]) == (403, "/problems/forbidden-role", [fault])
    assert await many.size() == before


@pytest.mark.parametrize("role", [*ACTED_FOR])
def test_who_has_others_acting_for_him_gets_no_token_and_hears_who_does(role: str) -> None:
    with pytest.raises(InputError, match="gets no token"):
        read_role(role)


def test_roles_are_taken_in_any_case_and_by_the_operators_other_name() -> None:
    assert [read_role(name) for name in ("OPERATOR", "platform_writer", "ledger_operator")] == [
        "operator",
        "PLATFORM_WRITER",
        "operator",
    ]


@pytest.mark.parametrize("kind", ["EventCorrected", "EventVoided"])
async def test_who_was_wrong_corrects_it_and_a_platform_by_its_officer(desk: Desk, kind: str) -> None:
    await many_of(desk)
    case = "takedown_case:shop:corrected"
    told = [
        ("RIGHTS_HOLDER", event("theirs", "NoticeSubmitted", case, notice_ref="N", items=[{"item_no": 1}])),
        ("PLATFORM_WRITER", event("ours", "NoticeReceived", case, notifier_party_id="party:us", items=[])),
    ]
    for who, one in told:
        response = await desk.send(one, who=who)
        assert response.status_code == 201, response.text
    what: Json = {"set": {"timeprecision": "DAY"}} if kind == "EventCorrected" else {}
    answers: list[tuple[str, str, int, str]] = []
    for target in ("theirs", "ours"):
        for who in ("PLATFORM_WRITER", "PLATFORM_COMPLIANCE", "RIGHTS_HOLDER", "REGULATOR"):
            fix = event(f"{who}-{target}", kind, case, target_event_id=target, reason_code="CLERICAL", **what)
            headers = {"Content-Type": CLOUDEVENTS}
            path, content = f"/v1/logs/{SHOP}/events", msgspec.json.encode([fix])
            response = await desk.ask("POST", path, who=who, content=content, headers=headers, dry_run="true")
            pointer = "" if response.is_success else response.json()["errors"][0]["pointer"]
            answers.append((target, who, response.status_code, pointer))
    assert answers == [
        ("theirs", "PLATFORM_WRITER", 403, "/type"),
        ("theirs", "PLATFORM_COMPLIANCE", 403, "/data/target_event_id"),
        ("theirs", "RIGHTS_HOLDER", 200, ""),
        ("theirs", "REGULATOR", 403, "/data/target_event_id"),
        ("ours", "PLATFORM_WRITER", 403, "/type"),
        ("ours", "PLATFORM_COMPLIANCE", 200, ""),
        ("ours", "RIGHTS_HOLDER", 403, "/data/target_event_id"),
        ("ours", "REGULATOR", 403, "/data/target_event_id"),
    ]
