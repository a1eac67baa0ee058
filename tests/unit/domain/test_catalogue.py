import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

from ledger.domain import catalogue
from ledger.domain.corrections import ANY_STREAM
from ledger.domain.instants import Precision, parse_instant
from ledger.domain.payload import Payload, TimeClass
from ledger.domain.stream import Stream
from tests.shared import needs_shared, shared_path
from tests.unit.domain.build import FIRST_RECORDED, Story

ENDS = {
    "ListingReinstated",
    "SellerSuspensionLifted",
    "SellerPaymentsReleased",
    "SellerBanRevoked",
    "SellerVerificationExpired",
    "SellerVerificationRevoked",
    "MembershipEnded",
    "AgreementTerminated",
}
"""What ends something, exactly (domain.md 2.3)."""
RECORDS = (
    "scenario/scenario.ndjson.gz",
    "data/github_dmca/events.ndjson.gz",
    "data/vsmarketplace_removals/events.ndjson.gz",
)
AS_OF_CLAIM = "2023-07-26T16:59:59.999999Z"
"""The end of 2023-07-26 in Jakarta."""
KINDS = {"party": "LEGAL", "body": "COMMITTEE", "programme": "STUDY", "agreement": "X_KIND"} | {
    "policy": "LAW",
    "order": "TAKEDOWN",
    "investigation": "ONLINE",
}
"""A kind that the events of a stream may have."""
CLASSES = {
    "T1": TimeClass.ACT,
    "T2": TimeClass.LEGAL_EFFECT,
    "T3": TimeClass.RECEIPT,
    "T4": TimeClass.STATEMENT,
    "T5": TimeClass.LEDGER,
}
NOT_ACTS = {
    "PlatformRegistered": "T2",
    "PlatformLicenceRecorded": "T2",
    "PlatformRepresentativeAppointed": "T2",
    "ServiceFeatureStatusDeclared": "T2",
    "SubmissionPeriodClosed": "T4",
    "SellerVerified": "T2",
    "SellerVerificationExpired": "T2",
    "SellerVerificationRevoked": "T2",
    "StatementOfReasonsIssued": "T3",
    "StatementSubmitted": "T4",
    "NoticeReceived": "T3",
    "CounterNoticeSubmitted": "T3",
    "CounterNoticeForwarded": "T3",
    "LegalActionNotified": "T3",
    "DisputeFiled": "T3",
    "DisputeNotified": "T3",
    "DisputeResponseSubmitted": "T3",
    "ReferralAccepted": "T3",
    "ReferralDeclined": "T3",
    "OutcomeObjectionFiled": "T3",
    "OutcomeSetAside": "T3",
    "OutcomeUpheld": "T3",
    "PartyRegistered": "T2",
    "PartyIdentifierAdded": "T2",
    "PartyClassified": "T2",
    "PartiesLinked": "T2",
    "PartiesUnlinked": "T2",
    "IpRightRecorded": "T2",
    "IpRightValidated": "T2",
    "IpRightValidationRejected": "T2",
    "IpRightAssigned": "T2",
    "IpRightLapsed": "T2",
    "MembershipApplied": "T2",
    "MembershipAdmitted": "T2",
    "MembershipTierChanged": "T2",
    "BrandAssociated": "T2",
    "BrandDissociated": "T2",
    "MembershipSuspended": "T2",
    "MembershipReinstated": "T2",
    "MembershipEnded": "T2",
    "BodyAnnounced": "T2",
    "BodyEstablished": "T2",
    "BodyMandateAdopted": "T2",
    "WorkingGroupFormed": "T2",
    "BodyDissolved": "T2",
    "MeetingScheduled": "T2",
    "ProgrammeStarted": "T2",
    "ProgrammeEnded": "T2",
    "AgreementNegotiationOpened": "T2",
    "AgreementSigned": "T2",
    "AgreementEnteredIntoForce": "T2",
    "AgreementAmended": "T2",
    "AgreementSuspended": "T2",
    "AgreementTerminated": "T2",
    "ProgrammeAnnounced": "T4",
    "ProgrammeMetricReported": "T4",
    "AppealFiled": "T3",
    "PolicyVersionAdopted": "T2",
    "PolicyRuleDefined": "T2",
    "PolicySuspended": "T2",
    "PolicyResumed": "T2",
    "PolicyRepealed": "T2",
    "PolicyInterpretationIssued": "T2",
    "EnforcementGraceGranted": "T2",
    "TaxonomyVersionPublished": "T2",
    "CategoryMapped": "T2",
    "CalendarPublished": "T2",
    "CalendarAmended": "T2",
    "SanctionImposed": "T2",
    "SanctionLifted": "T2",
    "OrderReceived": "T3",
    "OrderAcknowledged": "T3",
    "InformationRequested": "T3",
    "InformationProvided": "T3",
    "PolicyAnnounced": "T4",
    "EnforcementActionReported": "T4",
    "FindingRecorded": "T4",
    "ClaimPublished": "T4",
    "ClaimDisputed": "T4",
    "ClaimAmended": "T4",
    "ClaimWithdrawn": "T4",
    "TransparencyReportPublished": "T4",
    "TransparencyReportCorrected": "T4",
    "ClaimPredicateAttached": "T5",
    "ClaimEvaluated": "T5",
    "LegalHoldPlaced": "T5",
    "LegalHoldReleased": "T5",
    "ErasureRequested": "T5",
    "ErasureDeferred": "T5",
    "ErasureExecuted": "T5",
    "RecordsAccessed": "T5",
    "ReplayExecuted": "T5",
    "ExportProduced": "T5",
    "AuditFindingRecorded": "T5",
    "TenantClosed": "T5",
    "CheckpointAnchored": "T5",
    "LogReopened": "T5",
    "SigningKeyRotated": "T5",
    "EventCorrected": "T5",
    "EventVoided": "T5",
    "ApplicationEventStored": "T5",
}
"""Time classes of domain.md section 7; all other events of these streams are acts (T1)."""


class Unheard(Payload, frozen=True, kw_only=True):
    """An event that no stream knows."""


Unheard.event_type = "Unheard"
Unheard.time_class = TimeClass.ACT
Unheard.streams = ANY_STREAM


class Wire(msgspec.Struct, kw_only=True):
    """An event as it is sent, as far as the domain sees it."""

    id: str
    type: str
    subject: str
    time: str
    timeprecision: Precision = "INSTANT"
    timelatest: str | None = None
    timezone: str = "UTC"
    data: dict[str, Any]
    recordedtime: str = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("name", sorted(catalogue.EVENTS))
def test_every_event_can_be_read_and_has_a_schema_and_a_docstring(name: str) -> None:
    event = catalogue.EVENTS[name]

    msgspec.json.Decoder(event)
    schema = msgspec.json.schema(event)
    assert event.event_type == event.__name__ == name
    assert event.__doc__
    assert event.__doc__.endswith(".")
    assert name in schema["$defs"]
    assert schema["$defs"][name]["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(catalogue.EVENTS))
def test_every_event_has_the_time_class_of_its_row(name: str) -> None:
    assert catalogue.EVENTS[name].time_class is CLASSES[NOT_ACTS.get(name, "T1")]


@pytest.mark.parametrize("stream", catalogue.STREAMS.values(), ids=list(catalogue.STREAMS))
def test_every_event_of_a_stream_may_be_about_it(stream: Stream) -> None:
    assert all(catalogue.may_have(event, stream.kind) for event in stream.events)
    assert len(set(stream.events)) == len(stream.events)
    named = {event for event in catalogue.EVENTS.values() if stream.kind in event.streams}
    assert named == set(stream.events)


@pytest.mark.parametrize("stream", catalogue.STREAMS.values(), ids=list(catalogue.STREAMS))
def test_every_rule_that_an_event_speaks_to_is_one_of_its_stream(stream: Stream) -> None:
    spoken_to = {key.rule for event in stream.events for key in _emptiest(event).rule_keys()}

    assert spoken_to == set(stream.rules)


@pytest.mark.parametrize("name", sorted(catalogue.RULED - catalogue.CORRECTIONS))
def test_what_stands_alone_breaks_no_rule_while_nothing_shares_its_key(name: str) -> None:
    event = catalogue.EVENTS[name]
    story = Story(f"{event.streams[0]}:somewhere:1")
    story.record(_emptiest(event), "2021-01-01T00:00:00Z")

    assert (story.breach() is None) == event.stands_alone


def test_what_corrects_never_stands_alone() -> None:
    assert not any(catalogue.EVENTS[name].stands_alone for name in catalogue.CORRECTIONS)


def test_only_what_ends_something_is_an_end() -> None:
    assert {name for name, event in catalogue.EVENTS.items() if event.ends} == ENDS & set(catalogue.EVENTS)


@pytest.mark.parametrize("kind", catalogue.STREAMS)
def test_a_fold_only_counts_an_event_it_does_not_know(kind: str) -> None:
    story = Story(f"{kind}:somewhere:1")
    story.record(Unheard(), "2021-01-01T00:00:00Z")
    state = story.state()

    assert state is not None
    assert msgspec.structs.replace(state, version=0) == story.stream.begin(f"{kind}:somewhere:1")
    assert state.version == 1
    assert story.described()["id"] == f"{kind}:somewhere:1"


@pytest.mark.parametrize("kind", catalogue.STREAMS)
def test_a_fold_never_fails_on_events_of_other_streams(kind: str) -> None:
    stream = catalogue.STREAMS[kind]
    for other in catalogue.STREAMS.values():
        story = Story(f"{other.kind}:somewhere:1")
        for event in other.events:
            story.record(_emptiest(event), "2021-01-01T00:00:00Z")
        state = stream.begin(f"{kind}:somewhere:1")
        for fact in story.facts:
            state = stream.apply(state, fact)
        stream.describe(state, FIRST_RECORDED)
        assert state.version == len(other.events)


def _emptiest(event: type[Payload]) -> Payload:
    given: dict[str, Any] = {
        "restriction_id": "R1",
        "verification_id": "V1",
        "set": {},
        "changed": {},
        "item_no": 1,
        "item_nos": [1],
        "strike_no": 1,
        "measure": "REMOVED",
        "finding": "FORGED",
        "claimant_kind": "SELLER",
        "licence_kind": "PSE",
        "deadline_kind": "D",
        "status": "COMPLIED" if event.event_type.startswith("Outcome") else "PILOT",
        "outcome": "SETTLED",
        "admissible": True,
        "country": "ID",
        "originator_version": 1,
        "state": "",
        "kind": KINDS.get(event.streams[0], "N1"),
        "type": "TRADEMARK",
        "scheme": "NIB",
        "party_a": "party:a",
        "party_b": "party:b",
        "relation": "OWNS",
        "meeting_no": 1,
        "value": "1",
        "result": "PARTIAL",
    }
    predicate = {"field": "status", "op": "exists"}
    given |= {
        "outcome": "UNCHANGED" if event.event_type == "PolicyReviewed" else "SETTLED",
        "applies_to": "SELLER",
        "when": predicate,
        "predicate": predicate,
        "population": {"log": "shop", "status": "ACTIVE"},
        "then": "REQUIRE",
        "year": 2021,
        "holidays": [],
        "weekend": [7],
        "extent": "FULL",
        "step": "FINE",
        "reading": "LITERAL",
        "verdict": "NOT_FALSIFIED",
        "coverage": "0",
        "template": "ODR",
        "subject_id": "subject:s1",
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    }
    given |= dict.fromkeys(("population_n", "tested_n", "counterexamples_n", "undetermined_n", "tree_size"), 0)
    given |= {"previous_size": 0, "previous_root": "0" * 64, "previous_keys": [], "key": "a/b+00000000+AA=="}
    more_dates = ("adopted_on", "until", "effect_at", "as_of", "known_at", "received_at", "backups_expire_on")
    given |= dict.fromkeys(more_dates, "2021-01-01")
    dates = ("period_from", "period_to", "period_start", "period_end", "valid_from", "filed_on", "due", "new_due")
    given |= dict.fromkeys(
        (*dates, "start_date", "end_date", "date", "reference_time", "content_date", "application_date"), "2021-01-01"
    )
    given |= dict.fromkeys(("sent_at", "delivered_at", "filed_at"), "2021-01-01T00:00:00Z")
    data: dict[str, Any] = {}
    for field in msgspec.structs.fields(event):
        if field.required:
            data[field.name] = given.get(field.name, "N1")
    return msgspec.convert(data, event)


def told(name: str) -> Iterator[Wire]:
    with gzip.open(shared_path(name)) as lines:
        for line in lines:
            yield msgspec.json.decode(line, type=Wire)


def stories(events: Iterable[Wire]) -> dict[str, Story]:
    """Tell each subject's events of known types, as a client's are read."""
    retold: dict[str, Story] = {}
    for event in events:
        kind = catalogue.kind_of(event.subject)
        if event.type not in catalogue.EVENTS or kind not in catalogue.STREAMS:
            continue
        content = catalogue.decode_payload(event.type, 1, msgspec.json.encode(event.data))
        content.check()
        assert catalogue.may_have(type(content), kind)
        assert catalogue.SUBJECTS[kind].fullmatch(event.subject)
        story = retold.setdefault(event.subject, Story(event.subject, event.timezone))
        fact = story.record(content, event.time, precision=event.timeprecision, latest=event.timelatest)
        story.facts[-1] = msgspec.structs.replace(fact, id=event.id)
    return retold


@needs_shared
@pytest.mark.parametrize("name", RECORDS)
def test_every_shared_event_of_a_known_type_is_valid_and_every_stream_folds(name: str) -> None:
    retold = stories(told(name))

    assert retold
    for story in retold.values():
        assert story.breach() is None
        described = story.described("2030-06-01T00:00:00Z")  # what the ledger itself does counts from its clock
        assert described.get("id") == (story.facts[0].originator_id if story.known() else None)


@needs_shared
def test_the_story_s_sellers_were_all_verified_as_known_the_day_after_the_claim() -> None:
    as_of, known_before = parse_instant(AS_OF_CLAIM), parse_instant("2023-07-27T17:00:00Z")
    sellers = (
        event
        for event in told(RECORDS[0])
        if event.subject.startswith("seller:tiktok-shop-id:") and parse_instant(event.recordedtime) < known_before
    )
    answers = Counter(
        (described["status"], described["verification"])
        for story in stories(sellers).values()
        if (state := story.state(AS_OF_CLAIM)) is not None
        for described in [story.stream.describe(state, as_of)]
    )

    assert answers == {("ACTIVE", "VERIFIED"): 2000, ("SUSPENDED", "UNVERIFIED"): 1}
