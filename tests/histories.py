"""Histories to judge projections by: random, acceptable, and as unruly as sources are.

Events come late, imprecise, out of order and at the same instants; they are corrected, voided, amended and run out by
themselves. Whether an event is acceptable is told by the product's own hard rules, by trial: refused ones are skipped.
The same seed gives the same history.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import msgspec
from hypothesis import strategies as st

from ledger.appender import Appender
from ledger.binary_copy import EventRow
from ledger.database import Database
from ledger.destroyed import DestroyedKeys
from ledger.domain.catalogue import decode_payload
from ledger.domain.fact import Fact
from ledger.domain.history import History
from ledger.domain.instants import format_instant, parse_instant
from ledger.entry import Draft, fact_of
from ledger.errors import Refused
from ledger.intake import Author, Intake, LogInfo, check_event
from ledger.judging import Judge
from ledger.keys import KeyRing
from ledger.masters import Masters, MasterStore
from ledger.store import create_log
from ledger.vault import Vault
from tests.commits import commit
from tests.register_histories import REGISTER_KINDS, REGISTER_MAKERS, REGISTER_NATIVE

Json = dict[str, Any]
Commit = tuple[datetime, list[Json]]
Maker = Callable[[Random], Json]

AUTHOR = Author(authid="test", authrole="PLATFORM_WRITER")
INTAKE = Intake(test_clock=True)
ZONE = "Asia/Jakarta"
ZONES = (None, None, None, "UTC", "America/Los_Angeles", "Europe/London", "America/Sao_Paulo", "Pacific/Apia")
DAYS = ("2024-01-01", "2024-01-02", "2024-01-31", "2024-02-01", "2024-02-15", "2024-02-29", "2024-03-10", "2024-03-31")
HOURS = ("00:00:00Z", "12:00:00Z", "16:59:59.999999Z", "17:00:00Z", "00:00:00+07:00")
FIRST_RECORDED = datetime(2024, 6, 1, tzinfo=UTC)
COUNTRIES = ("ID", "MY", "SG")
KINDS = ("platform", "seller", "listing", "takedown_case", "dispute")
ALL_KINDS = (*KINDS, *REGISTER_KINDS)
"""All that any view reads."""
HIDING = ("DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED")
VISIBILITIES = (*HIDING, "DECISION_VISIBILITY_CONTENT_DEMOTED", "DECISION_VISIBILITY_CONTENT_LABELLED")


def moment(random: Random) -> str:
    """Return one of few instants, so that events meet at the same ones."""
    return f"{random.choice(DAYS)}T{random.choice(HOURS)}"


def some(random: Random, chance: float, **members: object) -> Json:
    """Return these members, each with this chance."""
    return {name: value for name, value in members.items() if random.random() < chance}


def restriction_id(random: Random) -> str:
    return f"R{random.randint(1, 4)}"


def scope(random: Random) -> list[str]:
    return random.choice((["WORLD"], ["ID"], ["MY", "SG"], []))


def imposed(random: Random) -> Json:
    return {
        "restriction_id": restriction_id(random),
        "decision_visibility": random.sample(VISIBILITIES, random.randint(1, 2)),
        **some(
            random,
            0.4,
            territorial_scope=scope(random),
            end_at=moment(random),
            decision_ground=f"DECISION_GROUND_{random.choice(('ILLEGAL', 'INCOMPATIBLE'))}_CONTENT",
            legal_basis=[{"instrument_id": f"policy:p1:{random.choice('ab')}"}],
            decision_facts=f"facts {random.randint(100, 999)}",
        ),
    }


def amended(random: Random) -> Json:
    change = some(random, 0.5, territorial_scope=scope(random), decision_visibility=[random.choice(VISIBILITIES)])
    if not change or random.random() < 0.6:
        change["end_at"] = random.choice((None, moment(random)))
    return {"restriction_id": restriction_id(random), "set": change}


def lifted(random: Random) -> Json:
    return {"restriction_id": restriction_id(random)}


def reasons_given(random: Random) -> Json:
    return {"sor_id": f"S{random.randint(1, 99)}", "restriction_id": restriction_id(random), "sent_at": moment(random)}


def seller_named(random: Random) -> Json:
    return some(random, 0.7, seller_id=f"seller:p1:s{random.randint(1, 4)}")


def published(random: Random) -> Json:
    places = some(
        random, 0.6, ship_from_country=random.choice(COUNTRIES), goods_origin_country=random.choice(("CN", "ID"))
    )
    sorts = some(random, 0.6, cluster=random.choice(("CRAFT", "CULINARY")), category_code=random.choice(("10", "20")))
    offered = some(random, 0.7, destination_countries=random.sample(COUNTRIES, random.randint(1, 3)), title="a thing")
    return {**seller_named(random), **places, **sorts, **offered}


def changed(random: Random) -> Json:
    places = some(
        random, 0.5, ship_from_country={"from": "ID", "to": random.choice(COUNTRIES)}, cluster={"from": "CRAFT"}
    )
    offered = some(random, 0.4, destination_countries={"to": random.sample(COUNTRIES, 2)}, category_code={"to": "30"})
    return {"changed": {**places, **offered}}


def served(random: Random) -> Json:
    return {"service": random.choice(("MARKETPLACE", "MARKETPLACE", "CHECKOUT")), "country": random.choice(COUNTRIES)}


def verification(random: Random) -> Json:
    return {"verification_id": f"V{random.randint(1, 3)}"}


def verified(random: Random) -> Json:
    until = random.choice((moment(random), random.choice(DAYS), "9999-12-31"))
    kind = random.choice(("REGISTERED_BUSINESS", "MICRO_ENTREPRENEUR", "INDIVIDUAL"))
    return {**verification(random), **some(random, 0.5, valid_to=until, entity_class=kind, document_type="NIB")}


def item_no(random: Random) -> Json:
    return {"item_no": random.randint(1, 3)}


def item_nos(random: Random) -> Json:
    return {"item_nos": random.sample((1, 2, 3), random.randint(1, 2))}


def noticed(random: Random) -> Json:
    items = [
        {"item_no": number, **some(random, 0.5, listing_id=f"listing:p1:l{random.randint(1, 3)}")}
        for number in random.sample((1, 2, 3), random.randint(1, 3))
    ]
    return {"notice_ref": f"N{random.randint(1, 9)}", **some(random, 0.8, items=items)}


def received(random: Random) -> Json:
    more = some(random, 0.6, notifier_party_id=f"party:h{random.randint(1, 2)}", notifier_size_class="SMALL")
    return {**noticed(random), **more, **some(random, 0.6, notifier_tier="STANDARD", regime="US_DMCA", channel="EMAIL")}


def filed(random: Random) -> Json:
    countries = some(
        random, 0.6, claimant_country=random.choice(COUNTRIES), respondent_country=random.choice(COUNTRIES)
    )
    return {"claimant_kind": "CONSUMER", **countries, **some(random, 0.5, issue="DEFECTIVE")}


def nothing(_: Random) -> Json:
    return {}


def often(times: int, event_type: str, make: Maker) -> tuple[tuple[str, Maker], ...]:
    """Return an event's maker so often that it is chosen as often."""
    return ((event_type, make),) * times


MAKERS: Mapping[str, Sequence[tuple[str, Maker]]] = {
    "platform": (
        ("PlatformRegistered", lambda r: {"slug": "p1", "country": r.choice(COUNTRIES)}),
        ("PlatformLicenceRecorded", lambda r: {"licence_kind": "PSE", "valid_from": moment(r)}),
        ("PlatformRepresentativeAppointed", lambda r: some(r, 0.7, party_id="party:a")),
        (
            "ServiceFeatureStatusDeclared",
            lambda r: {"feature": "CHECKOUT", "country": "ID", "status": r.choice(("PILOT", "ACTIVE"))},
        ),
        *often(4, "ServiceSuspended", served),
        *often(4, "ServiceResumed", served),
        ("SubmissionPeriodClosed", lambda r: {"period_start": moment(r), "period_end": moment(r)}),
    ),
    "seller": (
        *often(2, "SellerRegistered", lambda r: some(r, 0.7, platform_id="platform:p1", country="ID")),
        ("SellerVerificationSubmitted", verification),
        *often(3, "SellerVerified", verified),
        ("SellerVerificationRejected", verification),
        ("SellerVerificationExpired", verification),
        ("SellerVerificationRevoked", verification),
        ("SellerOnboarded", lambda r: {"programme_id": f"programme:{r.choice('ab')}", "size_class": "MICRO"}),
        ("SellerWarned", lambda r: {"warning_id": f"W{r.randint(1, 9)}"}),
        ("SellerPointsAssessed", lambda r: {"points": r.randint(1, 48)}),
        ("SellerPointsCleared", lambda r: {"points": r.randint(1, 48)}),
        ("SellerStrikeRecorded", lambda r: {"strike_no": r.randint(1, 3), "severity": "SERIOUS"}),
        ("SellerStrikeRescinded", lambda r: {"strike_no": r.randint(1, 3)}),
        *often(3, "SellerSuspended", imposed),
        *often(2, "SellerSuspensionLifted", lifted),
        ("SellerPaymentsRestricted", imposed),
        ("SellerPaymentsReleased", lifted),
        *often(2, "SellerBanned", imposed),
        *often(2, "SellerBanRevoked", lifted),
        *often(2, "RestrictionAmended", amended),
        ("StatementOfReasonsIssued", reasons_given),
        ("SellerAccountClosed", nothing),
    ),
    "listing": (
        *often(4, "ListingPublished", published),
        *often(2, "ListingAttributesChanged", changed),
        ("ListingPublicationRefused", lambda r: {"candidate_id": "C1", **seller_named(r)}),
        *often(5, "ListingBlocked", lambda r: {**imposed(r), **seller_named(r)}),
        *often(2, "ListingRestricted", imposed),
        *often(3, "RestrictionAmended", amended),
        *often(4, "ListingReinstated", lifted),
        ("ListingWithdrawn", nothing),
        *often(2, "ListingRelisted", nothing),
        ("StatementOfReasonsIssued", reasons_given),
        ("PurchasersNotified", lambda r: {"period_from": moment(r), "period_to": moment(r)}),
    ),
    "takedown_case": (
        ("NoticeSubmitted", noticed),
        *often(3, "NoticeReceived", received),
        *often(2, "NoticeReturned", item_nos),
        ("NoticeSupplemented", lambda r: some(r, 0.5, **item_nos(r))),
        ("NoticeRejected", item_nos),
        ("NoticeWithdrawn", item_nos),
        *often(
            3, "TakedownActioned", lambda r: {**item_no(r), "measure": "REMOVED", **some(r, 0.3, listing_id="EXTERNAL")}
        ),
        ("TakedownDeclined", item_no),
        *often(2, "CounterNoticeSubmitted", item_no),
        ("CounterNoticeRejected", item_no),
        ("CounterNoticeForwarded", lambda r: {**item_no(r), "delivered_at": moment(r)}),
        *often(2, "LegalActionNotified", lambda r: {**item_no(r), "filed_on": r.choice(DAYS)}),
        ("DeadlineExtended", lambda r: {"deadline_kind": "D", "new_due": moment(r)}),
        ("MeasureMaintained", item_no),
        ("TakedownReversed", item_no),
        ("NoticeFoundAbusive", lambda _: {"finding": "FORGED"}),
        *often(2, "TakedownCaseClosed", nothing),
    ),
    "dispute": (
        *often(3, "DisputeFiled", filed),
        ("DisputeAcknowledged", lambda r: {"case_no": f"{r.randint(1, 9)}"}),
        *often(2, "DisputeAdmissibilityDecided", lambda r: {"admissible": r.random() < 0.5}),
        ("DisputeNotified", lambda r: {"delivered_at": moment(r)}),
        ("DisputeResponseSubmitted", lambda r: some(r, 0.5, position="denies")),
        ("DisputeRespondentDefaulted", lambda r: {"due": moment(r)}),
        ("NegotiationStarted", nothing),
        ("SettlementProposed", lambda r: some(r, 0.5, accepted=True)),
        ("FacilitationStarted", lambda r: some(r, 0.5, method="MEDIATION")),
        ("NeutralAppointed", lambda r: some(r, 0.5, independence_statement=True)),
        ("NeutralChallenged", nothing),
        ("NeutralReplaced", lambda r: some(r, 0.5, independence_statement=True)),
        ("FinalStageStarted", nothing),
        ("AutomatedAssistanceUsed", lambda _: {"purpose": "TRIAGE"}),
        *often(
            2,
            "DisputeReferred",
            lambda r: some(r, 0.5, agreement_id="agreement:a-b", to_party_id=f"party:{r.choice('abc')}"),
        ),
        ("ReferralAccepted", lambda r: some(r, 0.5, foreign_case_no="K-1")),
        ("ReferralDeclined", nothing),
        *often(3, "DisputeOutcomeRecorded", lambda r: {"outcome": r.choice(("SETTLED", "DISMISSED"))}),
        ("OutcomeObjectionFiled", lambda r: {"filed_at": moment(r)}),
        *often(2, "OutcomeSetAside", nothing),
        ("OutcomeUpheld", nothing),
        ("OutcomeComplianceRecorded", lambda r: {"status": r.choice(("COMPLIED", "PARTIAL"))}),
        ("DisputeWithdrawn", nothing),
        ("DisputeClosed", nothing),
    ),
    **REGISTER_MAKERS,
}
NATIVE = {
    "platform": ("p1",),
    "seller": ("p1:s",),
    "listing": ("p1:l",),
    "takedown_case": ("p1:c",),
    "dispute": ("f1:d",),
    **REGISTER_NATIVE,
}


class Request(msgspec.Struct):
    """What the judge needs of a request."""

    drafts: list[Draft]
    dry_run: bool = False
    refuse_repeats: bool = False


class Teller:
    """Makes one log's history, event after event."""

    def __init__(self, random: Random, log: LogInfo, kinds: Sequence[str] = KINDS, of_each: int = 4) -> None:
        """Take the chance, the log, the kinds of its streams, and how many subjects each kind has at most."""
        self._random = random
        self._log = log
        self._kinds = kinds
        self._of_each = of_each
        self._histories: dict[str, History] = {}
        self._told: list[Json] = []
        self._types = Counter[str]()  # of two types the one told less goes first: what ends something is refused often
        self._recordedtime = FIRST_RECORDED
        self._last: datetime | None = None
        self._tries = 0
        self.entries: list[bytes] = []
        self.commits: list[Commit] = []

    def tell(self, count: int) -> None:
        """Add commits of one to a few events until the log has at least `count`."""
        while len(self.entries) < count:
            self._recordedtime += timedelta(minutes=self._random.randint(1, 200))
            wanted = self._random.choice((1, 1, 1, 2, 3, 5))
            batch: list[Json] = []
            while len(batch) < wanted:
                event = self._event()
                if self._accepts([*batch, event]):
                    batch.append(event)
            self._commit(batch)

    def _accepts(self, events: Sequence[Json]) -> bool:
        return isinstance(self._judge(events, dry_run=True)[1], list)

    def _judge(self, events: Sequence[Json], *, dry_run: bool) -> tuple[Sequence[EventRow], object]:
        drafts: list[Draft] = []
        for event in INTAKE.read_array(msgspec.json.encode(events)):
            if isinstance(event, Refused):
                return (), event
            try:
                drafts.append(check_event(event, self._log, AUTHOR))
            except Refused as refused:
                return (), refused
        for draft in drafts:
            self._histories.setdefault(draft.subject, History(decode_payload))
        judge = Judge(len(self.entries), self._recordedtime, {}, self._histories, self._last)
        (answer,), rows = commit(judge, [Request(drafts, dry_run)], self._log.log_id, self._recordedtime)
        return rows, answer

    def _commit(self, events: list[Json]) -> None:
        rows, answer = self._judge(events, dry_run=False)
        assert isinstance(answer, list), answer
        self.entries += [row[-1] for row in rows]
        self.commits.append((self._recordedtime, events))
        self._told += events
        self._types.update(event["type"] for event in events)
        self._last = self._recordedtime

    def _event(self) -> Json:
        random = self._random
        self._tries += 1
        chance = random.random()
        acts = [event for event in self._told if event["type"] not in {"EventCorrected", "EventVoided"}]
        if acts and chance < 0.2:
            return self._second_thought(random.choice(acts), void=chance < 0.06)
        kind = random.choice(self._kinds)
        native = NATIVE[kind][0]
        subject = f"{kind}:{native}" + ("" if kind == "platform" else str(random.randint(1, self._of_each)))
        event_type, make = min(random.choices(MAKERS[kind], k=2), key=lambda maker: self._types[maker[0]])
        return {**self._envelope(event_type, subject), **self._times(), "data": make(random)}

    def _envelope(self, event_type: str, subject: str) -> Json:
        return {
            "specversion": "1.0",
            "id": f"e{self._tries}",
            "source": "/test",
            "type": event_type,
            "subject": subject,
            **some(self._random, 0.4, sourcetime=moment(self._random)),
        }

    def _times(self) -> Json:
        random = self._random
        precision = random.choice(("INSTANT", "INSTANT", "INSTANT", "DAY", "DAY", "MONTH", "YEAR"))
        first = moment(random)
        if random.random() < 0.3:  # the common case: later than what was told before
            later = parse_instant(moment(random)) + timedelta(minutes=len(self._told))
            first = format_instant(min(later, self._recordedtime))
        zone = random.choice(ZONES)
        latest = format_instant(parse_instant(first) + timedelta(hours=random.choice((0, 5, 24, 700))))
        times: Json = {"time": first, "timeprecision": precision, **some(random, 0.1, timelatest=latest)}
        return times if zone is None else {**times, "timezone": zone}

    def _second_thought(self, target: Json, *, void: bool) -> Json:
        random = self._random
        kind = "EventVoided" if void else "EventCorrected"
        data: Json = {"target_event_id": target["id"], "reason_code": "SOURCE_ERROR"}
        if not void:
            times = self._times()
            change: Json = {name: value for name, value in times.items() if random.random() < 0.6}
            change |= some(random, 0.1, timelatest=None)
            if not change or random.random() < 0.5:
                make = next(
                    make for name, make in MAKERS[target["subject"].partition(":")[0]] if name == target["type"]
                )
                fresh = make(random)
                names = [name for name in fresh if random.random() < 0.6]
                patch = {name: random.choice((None, fresh[name], fresh[name])) for name in names}
                change["data"] = patch
            data["set"] = change
        return {**self._envelope(kind, target["subject"]), "time": moment(random), "data": data}


def log_info(slug: str = "alpha") -> LogInfo:
    """Return a log that is in no database."""
    return LogInfo(
        log_id=1,
        slug=slug,
        kind="PLATFORM",
        timezone=ZONE,
        jurisdiction="ID",
        data_class="PUBLIC",
        origin=f"test.jejak/{slug}",
        created=FIRST_RECORDED,
    )


def told(seed: int, count: int, kinds: Sequence[str] = KINDS, of_each: int = 4, log: LogInfo | None = None) -> Teller:
    """Return a history of at least `count` events."""
    teller = Teller(Random(seed), log or log_info(), kinds, of_each)
    teller.tell(count)
    return teller


def facts_by_subject(entries: Sequence[bytes]) -> dict[str, list[Fact]]:
    """Return the facts of each stream of a log, in recorded order."""
    streams: dict[str, list[Fact]] = {}
    for fact in map(fact_of, entries):
        streams.setdefault(fact.originator_id, []).append(fact)
    return streams


@st.composite
def streams(draw: st.DrawFn, kinds: Sequence[str] = KINDS, most: int = 25) -> tuple[str, list[Fact]]:
    """Draw one stream: its subject and its facts, in recorded order, positions with gaps."""
    kind = draw(st.sampled_from(kinds))
    teller = told(draw(st.integers(0, 2**32)), draw(st.integers(1, most)), [kind], of_each=1)
    ((subject, facts),) = facts_by_subject(teller.entries).items()
    return subject, facts


def moments(random: Random, entries: Sequence[bytes], count: int) -> Iterator[datetime]:
    """Yield instants at, just before and between those that a history speaks of."""
    yield from beside(random, spoken_of(entries), count)


def spoken_of(entries: Iterable[bytes]) -> list[datetime]:
    """Return the instants that a history speaks of, each once and in order."""
    return sorted({when for entry in entries for when in _instants(msgspec.json.decode(entry))})


def beside(random: Random, spoken: Sequence[datetime], count: int) -> Iterator[datetime]:
    """Yield instants at and just beside these."""
    for _ in range(count):
        at = random.choice(spoken)
        yield at + random.choice((-1, 0, 0, 1)) * timedelta(microseconds=random.choice((1, 1, 3_600_000_000)))


def _instants(value: Any) -> Iterator[datetime]:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        for inner in cast("Mapping[str, Any]", value).values():
            yield from _instants(inner)
    elif isinstance(value, str) and value[:3] == "202" and "T" in value:
        yield parse_instant(value)


def make_appender(database: Database, folder: Path) -> Appender:
    """Return an appender over a database; nobody is told what it appends. Close it."""
    keeper = database.pool("keeper")
    vault = Vault(folder)
    keys = KeyRing(keeper, Masters(keeper, MasterStore(database.settings, vault)), DestroyedKeys(vault))
    return Appender(database.pool("writer"), keys, lambda _log, _size: None)


async def make_log(database: Database, slug: str, zone: str = ZONE) -> LogInfo:
    """Create a PUBLIC log."""
    keeper = database.pool("keeper")
    return await create_log(keeper, slug, "PLATFORM", zone, "ID", "PUBLIC", f"{database.name}/{slug}")


async def append_commits(appender: Appender, log: LogInfo, commits: Sequence[Commit]) -> None:
    """Append a history as it was told, commit by commit; on a database with the test clock."""
    for recordedtime, events in commits:
        read = INTAKE.read_array(msgspec.json.encode(events))
        await appender.append(log, AUTHOR, read, recordedtime=recordedtime)


async def append_plain(appender: Appender, log: LogInfo, commits: Sequence[Commit], batch: int = 500) -> None:
    """Append the same events by the database's own clock, in batches of about `batch` that cut no commit."""
    waiting: list[Json] = []
    for number, (_, events) in enumerate(commits, 1):
        waiting += events
        if len(waiting) >= batch or number == len(commits):
            await appender.append(log, AUTHOR, INTAKE.read_array(msgspec.json.encode(waiting)))
            waiting = []
