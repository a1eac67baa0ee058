"""NO_BEGINNING and STAGE_SKIPPED: what came without what should have come before it (domain.md 6, "What is hard").

History may have begun elsewhere, and an importer rarely has every step, so none of this is refused. Something came
before an event if it may have: only what is certainly not there is flagged.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.takedown import RANK, TakedownCase
from ledger.domain.takedown_events import TakedownActioned, TakedownCaseClosed, TakedownReversed
from projections.deadlines.deadline import WHOLE, is_about, keys_of
from projections.flags.history import History
from projections.flags.rule import Check, Finding, Surroundings

BEGINNINGS: Mapping[str, frozenset[str]] = {
    "platform": frozenset({"PlatformRegistered"}),
    "party": frozenset({"PartyRegistered"}),
    "seller": frozenset({"SellerRegistered"}),
    "listing": frozenset({"ListingPublished", "ListingPublicationRefused"}),
    "ip_right": frozenset({"IpRightRecorded"}),
    "membership": frozenset({"MembershipApplied", "MembershipAdmitted"}),
    "body": frozenset({"BodyAnnounced", "BodyEstablished"}),
    "programme": frozenset({"ProgrammeAnnounced", "ProgrammeStarted"}),
    "policy": frozenset({"PolicyAnnounced", "PolicyVersionAdopted", "PolicyRuleDefined"}),
    "takedown_case": frozenset({"NoticeSubmitted", "NoticeReceived"}),
    "appeal": frozenset({"AppealFiled"}),
    "dispute": frozenset({"DisputeFiled"}),
    "agreement": frozenset({"AgreementNegotiationOpened", "AgreementSigned"}),
    "order": frozenset({"OrderIssued", "OrderReceived", "InformationRequested", "SanctionImposed"}),
    "investigation": frozenset({"InvestigationOpened"}),
    "claim": frozenset({"ClaimPublished"}),
    "report": frozenset({"TransparencyReportPublished"}),
}
"""What a stream of a kind begins with, where it was not told before it came here."""


class Step(Struct, frozen=True, kw_only=True):
    """An event that needs one of some others before it: about the same `key` (an item, a brand), if it has one."""

    after: frozenset[str]
    key: str | None = None


def steps(rows: Iterable[tuple[str, str, str | None]]) -> dict[str, Step]:
    """Read a table of (events, what must come before them, key); names are separated by blanks."""
    return {
        event: Step(after=frozenset(after.split()), key=key) for events, after, key in rows for event in events.split()
    }


BEGUN: Mapping[str, Step] = steps(
    (
        ("ListingRelisted", "ListingWithdrawn", None),
        ("SellerPointsCleared", "SellerPointsAssessed", None),
        ("SellerStrikeRescinded", "SellerStrikeRecorded", "strike_no"),
        ("PartiesUnlinked", "PartiesLinked", None),
        ("MembershipReinstated", "MembershipSuspended", None),
        ("MembershipEnded MembershipSuspended MembershipTierChanged", "MembershipAdmitted", None),
        ("BrandDissociated", "BrandAssociated", "brand_id"),
        ("BodyDissolved", "BodyEstablished", None),
        ("ProgrammeEnded", "ProgrammeStarted", None),
        ("PolicyResumed", "PolicySuspended", None),
        ("AgreementTerminated AgreementSuspended", "AgreementSigned AgreementEnteredIntoForce", None),
        ("SanctionLifted", "SanctionImposed", None),
        ("ReferralAccepted ReferralDeclined", "DisputeReferred", None),
        ("OutcomeObjectionFiled OutcomeSetAside OutcomeComplianceRecorded", "DisputeOutcomeRecorded", None),
    )
)
"""What ends or answers something that has to be there."""
SKIPPABLE: Mapping[str, Step] = steps(
    (
        ("SellerVerified", "SellerVerificationSubmitted", "verification_id"),
        ("IpRightValidated IpRightValidationRejected", "IpRightRecorded", None),
        ("MeetingHeld", "BodyEstablished", None),
        ("AgreementEnteredIntoForce", "AgreementSigned", None),
        ("NoticeReturned NoticeRejected TakedownActioned TakedownDeclined", "NoticeReceived", "item_no"),
        ("NoticeSupplemented", "NoticeReturned", "item_no"),
        ("CounterNoticeSubmitted TakedownReversed", "TakedownActioned", "item_no"),
        ("CounterNoticeRejected CounterNoticeForwarded", "CounterNoticeSubmitted", "item_no"),
        ("LegalActionNotified", "CounterNoticeForwarded", "item_no"),
        ("MeasureMaintained", "CounterNoticeSubmitted LegalActionNotified", "item_no"),
        ("DisputeAcknowledged", "DisputeFiled", None),
        ("DisputeAdmissibilityDecided", "DisputeAcknowledged", None),
        ("DisputeNotified", "DisputeAdmissibilityDecided", None),
        ("DisputeResponseSubmitted DisputeRespondentDefaulted", "DisputeNotified", None),
        ("NegotiationStarted", "DisputeResponseSubmitted", None),
        ("FacilitationStarted", "NegotiationStarted DisputeRespondentDefaulted", None),
        ("FinalStageStarted", "FacilitationStarted", None),
        ("DisputeOutcomeRecorded", "SettlementProposed FinalStageStarted DisputeReferred", None),
        ("OutcomeUpheld", "OutcomeObjectionFiled", None),
        ("OrderAcknowledged OrderEffectGiven OrderRefused OrderChallenged", "OrderReceived", None),
    )
)
"""The stages of the state machines, each with those from which it is reached."""
OPEN_UNTIL = RANK["REJECTED"]
"""An item is open while it has not come so far, or while a counter-notice is not answered."""
ANSWERABLE = frozenset({"COUNTER_NOTICED", "FORWARDED"})


def find_without_beginning(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find a stream that begins with none of its beginnings, and ends of what never began."""
    first = next(iter(history.facts), None)
    beginnings = BEGINNINGS.get(history.kind)
    if first is not None and beginnings is not None and not _begun(history, first, beginnings):
        names = " or ".join(sorted(beginnings))
        yield Finding(fact=first, detail=f"Nothing is known of its beginning ({names}).")
    yield from _without(history, BEGUN)


def _begun(history: History, first: Fact, beginnings: frozenset[str]) -> bool:
    # A block before the first publication is a flag of its own (BLOCK_BEFORE_PUBLICATION).
    until = history.as_of if history.kind == "listing" else history.span(first)[1]
    return any(fact.type in beginnings and fact.time <= until for fact in history.known.facts)


def find_skipped(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find events that came without the stage before them, items actioned twice, and cases closed with open items."""
    yield from _without(history, SKIPPABLE)
    yield from _twice(history)
    yield from _closed_early(history)


def _without(history: History, table: Mapping[str, Step]) -> Iterator[Finding]:
    for fact in history.facts:
        step = table.get(fact.type)
        if step is not None and not _came_before(history, fact, step):
            missing = " or ".join(sorted(step.after))
            yield Finding(fact=fact, detail=f"{fact.type} came without {missing} before it.")


def _came_before(history: History, fact: Fact, step: Step) -> bool:
    """Tell whether what must come before an event may have; of several items, for each of them.

    What is certain only later may have come before: all that is known counts, by its first instant.
    """
    until = history.span(fact)[1]
    before = [one for one in history.known.facts if one.type in step.after and one.time <= until]
    values = keys_of(fact.payload, step.key) or (WHOLE,)
    return all(any(is_about(one.payload, step.key, value) for one in before) for value in values)


def _twice(history: History) -> Iterator[Finding]:
    actioned: dict[int, str] = {}
    for fact in history.facts:
        match fact.payload:
            case TakedownActioned(item_no=number) if number in actioned:
                detail = f"Item {number} was actioned already."
                yield Finding(fact=fact, detail=detail, related=(actioned[number],), about="twice")
            case TakedownActioned(item_no=number):
                actioned[number] = fact.id
            case TakedownReversed(item_no=number):
                actioned.pop(number, None)
            case _:
                pass


def _closed_early(history: History) -> Iterator[Finding]:
    for fact, _ in history.of(TakedownCaseClosed):
        state = history.known.state(history.known.when(fact))
        items = state.items.values() if isinstance(state, TakedownCase) else ()
        still_open = [one.item_no for one in items if RANK.get(one.state, 0) < OPEN_UNTIL or one.state in ANSWERABLE]
        if still_open:
            numbers = ", ".join(map(str, sorted(still_open)))
            yield Finding(fact=fact, detail=f"The case was closed with open items: {numbers}.", about="open items")


NO_BEGINNING = Check(find=find_without_beginning)
STAGE_SKIPPED = Check(find=find_skipped)
