"""The lists of the registers: appeals, policies, agreements, members, bodies, orders, claims and the others.

Each is told a history in two parts: what was so from 10 January on, then what changed on 20 January. Every question has
an answer before, between and after; and what was known before the second part is what was so between.
"""

import gzip
from collections.abc import AsyncGenerator
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
import pytest

from ledger.server.embedded import EmbeddedServer
from tests.api.desk import OPEN, SHOP, Desk, Event, Json, event, filed, open_desk
from tests.conftest import copied_database
from tests.histories import append_commits
from tests.shared import needs_shared, shared_path

EARLY, BETWEEN, LATER = "2026-01-05T00:00:00Z", "2026-01-15T00:00:00Z", "2026-02-01T00:00:00Z"
THEN = "2026-01-20T03:00:00Z"
RULE: Event = {
    "rule_id": "r1",
    "version": "1",
    "applies_to": "LISTING",
    "when": {"field": "cluster", "op": "exists"},
    "then": "PROHIBIT_VISIBLE",
}
AKAR, ACME, GOOD = "policy:id:akar", "party:acme", "GOOD_FAITH"
KCA, BPKN, ALLIANCE, PLATFORM = "party:kca", "party:bpkn", "body:alliance", "platform:shop"
ORDER, ASKED = "order:kominfo:1", "order:kominfo:2"
MARK: Event = {"type": "TRADEMARK", "owner_party_id": ACME, "territories": ["ID", "MY"]}
FIRST: tuple[Event, ...] = (
    event("a1", "AppealFiled", "appeal:shop:A1", target_event_id="x1"),
    event("a2", "AppealFiled", "appeal:other:A2", target_event_id="x2"),
    event("p1", "PolicyVersionAdopted", AKAR, version="1", adopted_on="2026-01-01"),
    event("p2", "PolicyRuleDefined", AKAR, **RULE),
    event("p3", "PolicyAnnounced", "policy:shop:terms", kind="PLATFORM_TERMS"),
    event("g1", "AgreementNegotiationOpened", "agreement:a-b", kind="MOU", parties=[KCA, BPKN], countries=["KR", "ID"]),
    event("g2", "CooperationActivityHeld", "agreement:a-c", kind="STUDY_VISIT"),
    filed("D1", time="2026-01-10T00:00:00Z", claimant_country="KR"),
    event("d1", "DisputeReferred", "dispute:forum:D1", to_party_id=KCA, agreement_id="agreement:a-b"),
    filed("D2", time="2026-01-10T00:00:00Z"),
    event("m1", "MembershipAdmitted", "membership:alliance:1", body_id=ALLIANCE, party_id=ACME, tier="MEMBER"),
    event("m2", "MembershipApplied", "membership:alliance:2", party_id=BPKN),
    event("b1", "BodyAnnounced", ALLIANCE, kind="ALLIANCE"),
    event("b2", "MeetingScheduled", ALLIANCE, meeting="spring", start_date="2026-01-20", end_date="2026-01-21"),
    event(
        "b3", "MeetingHeld", "body:group", meeting_no=7, mode="VIDEO", industries=["TOYS"], attendee_party_ids=[ACME]
    ),
    event("r1", "ProgrammeStarted", "programme:safe", owner="IACC"),
    event("r2", "ProgrammeAnnounced", "programme:share", owner="Shop"),
    event("y1", "PartyRegistered", ACME, kind="LEGAL", country="ID"),
    event("y2", "PartyRegistered", BPKN, kind="AUTHORITY", country="ID"),
    event("i1", "IpRightRecorded", "ip_right:dgip:TRADEMARK:1", **MARK),
    event("i2", "IpRightRecorded", "ip_right:none:COPYRIGHT:2", type="COPYRIGHT"),
    event("s1", "ServiceSuspended", PLATFORM, service="MARKETPLACE", country="ID"),
    event("s2", "ServiceFeatureStatusDeclared", PLATFORM, feature="LIVE", country="ID", status="PILOT"),
    event("s3", "ServiceFeatureStatusDeclared", PLATFORM, feature="MARKETPLACE", country="ID", status="ACTIVE"),
    event("o1", "OrderIssued", ORDER, kind="TAKEDOWN", number="1", authority="KOMINFO", addressee_platform_id=PLATFORM),
    event("o2", "SanctionImposed", "order:kppu:1", step="WRITTEN_WARNING_1"),
    event("o3", "InformationRequested", ASKED, due="2026-01-18", addressee=PLATFORM),
    event("v1", "InvestigationOpened", "investigation:shop:V1", kind="OFFLINE"),
    event("v2", "FindingRecorded", "investigation:shop:V2", finding="Copies."),
    event("c1", "ClaimPublished", "claim:shop:C1", reference_time="2025", speaker_party_id=ACME, statement="All."),
    event("c2", "ClaimPublished", "claim:shop:C2", reference_time="2025", statement="None."),
)
SECOND: tuple[Event, ...] = (
    event("a3", "AppealDecided", "appeal:shop:A1", THEN, result="OVERTURNED"),
    event("p4", "PolicySuspended", AKAR, THEN),
    event("g3", "AgreementSigned", "agreement:a-b", THEN, kind="MOU", in_force_on_signature=True),
    event("d2", "ReferralAccepted", "dispute:forum:D1", THEN, foreign_case_no="K-1"),
    event("m3", "MembershipTierChanged", "membership:alliance:1", THEN, **{"from": "MEMBER", "to": GOOD}),
    event("m4", "MembershipEnded", "membership:alliance:2", THEN, reason="LEFT"),
    event("b4", "BodyEstablished", ALLIANCE, THEN, kind="ALLIANCE"),
    event("b5", "MeetingHeld", ALLIANCE, THEN, meeting_no=1, meeting="spring", mode="HYBRID"),
    event("r3", "ProgrammeEnded", "programme:safe", THEN),
    event("y3", "PartyClassified", ACME, THEN, size_class="SMALL"),
    event("i3", "IpRightAssigned", "ip_right:dgip:TRADEMARK:1", THEN, to_party_id=KCA),
    event("s4", "ServiceResumed", PLATFORM, THEN, service="MARKETPLACE", country="ID"),
    event("s5", "ServiceFeatureStatusDeclared", PLATFORM, THEN, feature="LIVE", country="ID", status="WITHDRAWN"),
    event("o4", "OrderEffectGiven", ORDER, THEN, extent="FULL", effect_at="2026-01-20"),
    event("o5", "InformationProvided", ASKED, THEN, request_event_id="o3", extent="FULL"),
    event("v3", "InvestigationClosed", "investigation:shop:V1", THEN, result="SETTLED"),
    event("c3", "ClaimWithdrawn", "claim:shop:C1", THEN),
)
QUESTIONS: list[tuple[str, dict[str, Json], list[str], list[str]]] = [
    ("appeals", {}, ["other:A2", "shop:A1"], ["other:A2", "shop:A1"]),
    ("appeals", {"state": "FILED"}, ["other:A2", "shop:A1"], ["other:A2"]),
    ("appeals", {"result": ["OVERTURNED", "PARTIAL"]}, [], ["shop:A1"]),
    ("appeals", {"platform": "shop"}, ["shop:A1"], ["shop:A1"]),
    ("policies", {}, ["id:akar", "shop:terms"], ["id:akar", "shop:terms"]),
    ("policies", {"status": "IN_FORCE"}, ["id:akar"], []),
    ("policies", {"kind": "PLATFORM_TERMS"}, ["shop:terms"], ["shop:terms"]),
    ("agreements", {}, ["a-b", "a-c"], ["a-b", "a-c"]),
    ("agreements", {"status": ["NEGOTIATING", "SIGNED"]}, ["a-b"], []),
    ("agreements", {"status": "IN_FORCE", "party": KCA}, [], ["a-b"]),
    ("agreements", {"party": [BPKN, "party:x"], "country": "KR", "kind": "MOU"}, ["a-b"], ["a-b"]),
    ("referrals", {}, ["forum:D1"], ["forum:D1"]),
    ("referrals", {"state": "REFERRED", "to": KCA}, ["forum:D1"], []),
    ("referrals", {"state": "ACCEPTED", "agreement": "agreement:a-b"}, [], ["forum:D1"]),
    ("memberships", {}, ["alliance:1", "alliance:2"], ["alliance:1", "alliance:2"]),
    ("memberships", {"body": ALLIANCE, "status": "ACTIVE"}, ["alliance:1"], ["alliance:1"]),
    ("memberships", {"body": ALLIANCE, "status": ["APPLIED", "ENDED"]}, ["alliance:2"], ["alliance:2"]),
    ("memberships", {"status": "APPLIED"}, ["alliance:2"], []),
    ("memberships", {"tier": GOOD}, [], ["alliance:1"]),
    ("memberships", {"party": BPKN}, ["alliance:2"], ["alliance:2"]),
    ("bodies", {}, ["alliance", "group"], ["alliance", "group"]),
    ("bodies", {"kind": "ALLIANCE"}, ["alliance"], ["alliance"]),
    ("bodies", {"status": "ANNOUNCED"}, ["alliance"], []),
    ("meetings", {}, ["alliance spring SCHEDULED", "group 7 HELD"], ["alliance spring HELD", "group 7 HELD"]),
    ("meetings", {"body": ALLIANCE}, ["alliance spring SCHEDULED"], ["alliance spring HELD"]),
    ("meetings", {"state": "SCHEDULED"}, ["alliance spring SCHEDULED"], []),
    ("meetings", {"mode": ["VIDEO", "HYBRID"]}, ["group 7 HELD"], ["alliance spring HELD", "group 7 HELD"]),
    ("meetings", {"industry": "TOYS", "party": ACME}, ["group 7 HELD"], ["group 7 HELD"]),
    ("programmes", {}, ["safe", "share"], ["safe", "share"]),
    ("programmes", {"state": "STARTED"}, ["safe"], []),
    ("programmes", {"owner": "Shop"}, ["share"], ["share"]),
    ("parties", {}, ["acme", "bpkn"], ["acme", "bpkn"]),
    ("parties", {"kind": "AUTHORITY", "country": "ID"}, ["bpkn"], ["bpkn"]),
    ("parties", {"size_class": "SMALL"}, [], ["acme"]),
    ("ip-rights", {}, ["dgip:TRADEMARK:1", "none:COPYRIGHT:2"], ["dgip:TRADEMARK:1", "none:COPYRIGHT:2"]),
    ("ip-rights", {"owner": ACME, "status": "RECORDED"}, ["dgip:TRADEMARK:1"], []),
    ("ip-rights", {"owner": KCA, "territory": ["MY", "SG"]}, [], ["dgip:TRADEMARK:1"]),
    ("ip-rights", {"type": "COPYRIGHT"}, ["none:COPYRIGHT:2"], ["none:COPYRIGHT:2"]),
    ("services", {}, ["LIVE", "MARKETPLACE", "MARKETPLACE"], ["LIVE", "MARKETPLACE", "MARKETPLACE"]),
    ("services", {"suspended": "true", "country": "ID"}, ["MARKETPLACE"], []),
    ("services", {"suspended": "false", "service": "MARKETPLACE"}, [], ["MARKETPLACE"]),
    ("services", {"feature": "LIVE", "status": ["PILOT", "ACTIVE"]}, ["LIVE"], []),
    ("services", {"country": "MY"}, [], []),
    ("authority-orders", {}, ["kominfo:1", "kppu:1"], ["kominfo:1", "kppu:1"]),
    ("authority-orders", {"state": "ISSUED", "kind": "TAKEDOWN"}, ["kominfo:1"], []),
    ("authority-orders", {"state": "EFFECT_GIVEN", "addressee": PLATFORM}, [], ["kominfo:1"]),
    ("authority-orders", {"authority": ["KOMINFO", "kppu"]}, ["kominfo:1", "kppu:1"], ["kominfo:1", "kppu:1"]),
    ("information-requests", {}, ["o3"], ["o3"]),
    ("information-requests", {"status": "OPEN", "authority": "kominfo"}, ["o3"], []),
    ("information-requests", {"status": "PROVIDED_LATE", "addressee": PLATFORM}, [], ["o3"]),
    ("investigations", {}, ["shop:V1", "shop:V2"], ["shop:V1", "shop:V2"]),
    ("investigations", {"kind": "OFFLINE", "state": "OPEN"}, ["shop:V1"], []),
    ("investigations", {"state": "CLOSED"}, [], ["shop:V1"]),
    ("claims", {}, ["shop:C1", "shop:C2"], ["shop:C1", "shop:C2"]),
    ("claims", {"state": "PUBLISHED"}, ["shop:C1", "shop:C2"], ["shop:C2"]),
    ("claims", {"speaker": ACME, "state": "WITHDRAWN"}, [], ["shop:C1"]),
]  # fmt: skip


@pytest.fixture(scope="module")
async def known(shared_desk: Desk) -> str:
    """Tell both parts, and return the instant up to which only the first was known."""
    receipts = await shared_desk.tell(*FIRST)
    await shared_desk.tell(*SECOND)
    return str(receipts[-1]["recordedtime"])


def name_of(view: str, item: dict[str, Any]) -> str:
    """Return what the table above calls an item."""
    match view:
        case "meetings":
            native = str(item["subject"]).partition(":")[2]
            return f"{native} {item.get('meeting', item.get('meeting_no'))} {item['state']}"
        case "services":
            return str(item.get("service", item.get("feature")))
        case "information-requests":
            return str(item["request_event_id"])
        case _:
            return str(item["subject"]).partition(":")[2]


async def asked(desk: Desk, view: str, **query: Json) -> list[str]:
    """Return the names of a list's items; the count, asked for alone, must be theirs."""
    answer = await desk.get(f"/v1/{view}", **query)
    assert answer["next"] is None
    assert (await desk.get(f"/v1/{view}", count="true", **query))["count"] == len(answer["items"])
    return [name_of(view, item) for item in answer["items"]]


@pytest.mark.parametrize(("view", "query", "between", "after"), QUESTIONS)
async def test_each_list_says_what_was_so_and_what_was_known(
    shared_desk: Desk, known: str, view: str, query: dict[str, Json], between: list[str], after: list[str]
) -> None:
    assert await asked(shared_desk, view, as_of=EARLY, **query) == []
    assert await asked(shared_desk, view, as_of=BETWEEN, **query) == between
    assert await asked(shared_desk, view, as_of=LATER, **query) == after
    if view != "information-requests":  # one that nobody has answered is overdue by time alone
        assert await asked(shared_desk, view, as_of=LATER, known_at=known, **query) == between
    assert await asked(shared_desk, view, as_of=BETWEEN, basis="SOURCE", **query) == between
    assert await asked(shared_desk, view, as_of=LATER, basis="SOURCE", **query) == after


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("view", sorted({question[0] for question in QUESTIONS}))
async def test_a_list_is_read_page_by_page_and_by_log(shared_desk: Desk, view: str) -> None:
    whole = await shared_desk.get(f"/v1/{view}", as_of=LATER)
    items: list[Json] = []
    cursor: dict[str, Json] = {}
    while not items or cursor["cursor"] is not None:
        page = await shared_desk.get(f"/v1/{view}", as_of=LATER, limit=1, **cursor)
        items += page["items"]
        cursor = {"cursor": page["next"]}
    assert items == whole["items"]
    assert {item["log"] for item in items} == {SHOP}
    assert await asked(shared_desk, view, as_of=LATER, log=OPEN) == []
    assert (await shared_desk.refusal(f"/v1/{view}", colour="red"))[0] == 422


async def test_a_request_that_nobody_has_answered_is_overdue_by_time_alone(shared_desk: Desk, known: str) -> None:
    overdue = {"status": "OVERDUE", "known_at": known}
    assert await asked(shared_desk, "information-requests", as_of=BETWEEN, **overdue) == []
    assert await asked(shared_desk, "information-requests", as_of=LATER, **overdue) == ["o3"]


@pytest.mark.usefixtures("known")
async def test_a_policy_says_which_of_its_rules_are_in_force(shared_desk: Desk) -> None:
    for as_of, rules in ((BETWEEN, ["r1"]), (LATER, [])):
        (item,) = (await shared_desk.get("/v1/policies", as_of=as_of, subject=AKAR))["items"]
        assert item["rules_in_force"] == rules


@pytest.mark.usefixtures("known")
async def test_what_is_a_part_of_a_stream_says_what_it_needs_of_the_whole(shared_desk: Desk) -> None:
    place = {"log": SHOP, "subject": ALLIANCE}
    (meeting,) = (await shared_desk.get("/v1/meetings", as_of=LATER, body=ALLIANCE))["items"]
    assert meeting == {
        **place,
        "state": "HELD",
        "body_kind": "ALLIANCE",
        "body_name": None,
        "meeting": "spring",
        "meeting_no": 1,
        "mode": "HYBRID",
        "date": "2026-01-20",
        "start_date": "2026-01-20",
        "end_date": "2026-01-21",
        "scheduled_by": "b2",
        "held_at": "2026-01-20T03:00:00.000000Z",
        "held_by": "b5",
    }
    (referral,) = (await shared_desk.get("/v1/referrals", as_of=LATER))["items"]
    names = ("state", "dispute_state", "forum", "claimant_country", "to_party_id", "agreement_id", "foreign_case_no")
    said = ("ACCEPTED", "REFERRED", "forum", "KR", KCA, "agreement:a-b", "K-1")
    assert tuple(referral[name] for name in names) == said
    (request,) = (await shared_desk.get("/v1/information-requests", as_of=LATER))["items"]
    assert (request["authority"], request["status"]) == ("kominfo", "PROVIDED_LATE")


@pytest.fixture(scope="module")
async def storied_desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk over the memberships of the story, recorded when the story says."""
    with gzip.open(shared_path("scenario/scenario.ndjson.gz")) as lines:
        told = [event for line in lines if (event := msgspec.json.decode(line))["log"] == "alibaba"]
    members = [event for event in told if event["subject"].startswith("membership:")]
    commits = [
        (
            datetime.fromisoformat(when),
            [{name: one[name] for name in one.keys() - {"log", "recordedtime"}} for one in of],
        )
        for when, of in groupby(members, key=lambda event: str(event["recordedtime"]))
    ]
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as opened:
        log = await opened.service.create_log("alibaba", "PLATFORM", "Asia/Shanghai", "CN", "PUBLIC")
        await append_commits(opened.service.appender, log, commits)
        await opened.follow()
        yield opened


@needs_shared
@pytest.mark.parametrize(
    ("day", "certainty", "members"),
    [
        ("2017-01-20", "CERTAIN", 20),
        ("2017-01-20", "POSSIBLE", 30),
        ("2019-06-30", "CERTAIN", 146),
        ("2019-06-30", "POSSIBLE", 153),
    ],
)
async def test_the_alliance_of_the_story_has_so_many_members(
    storied_desk: Desk, day: str, certainty: str, members: int
) -> None:
    query = {"body": "body:aaca", "status": "ACTIVE", "tz": "Asia/Shanghai", "count": "true"}
    answer = await storied_desk.get("/v1/memberships", who="operator", as_of=day, certainty=certainty, **query)
    assert answer["count"] == members
