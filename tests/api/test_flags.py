"""The list of flags over HTTP: filters, what was known when, what stands in other logs (domain.md 9, 16)."""

from typing import Any

from ledger.tokens import create_token
from tests.api.desk import SHOP, Desk, Event, Json, block, corrected, event, published, voided
from tests.api.storied import LOGS, tell_story
from tests.shared import needs_shared

LATER = "2026-02-01T00:00:00Z"
ALL: dict[str, Json] = {"status": ["OPEN", "UNDETERMINED", "RESOLVED"]}
BANNED: dict[str, Json] = {"restriction_id": "R1", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
Brief = tuple[str, str, str, str | None]
"""Flag, event, status, and the event that resolved it."""


def ban(name: str, **data: Json) -> Event:
    """Return that a seller was banned."""
    subject = f"seller:shop:{name}"
    return event(f"ban-{name}", "SellerBanned", subject, "2026-01-10T03:00:00Z", **{**BANNED, **data})


def basis(policy: str) -> list[dict[str, str]]:
    return [{"instrument_id": policy, "ground": "CONTRACT", "jurisdiction": "ID"}]


async def let_write(desk: Desk, slug: str) -> None:
    """Add a token of a log's writer to the desk's, under the log's name."""
    token = await create_token(desk.service.database.pool("keeper"), "PLATFORM_WRITER", [slug], None)
    desk.tokens = {**desk.tokens, slug: token}


async def asked(desk: Desk, subject: str, *flags: str, **query: Json) -> list[Brief]:
    """Return what a stream's flags of these names are; the count, asked for alone, must be theirs."""
    query = {"subject": subject, "as_of": LATER, **({"flag": list(flags)} if flags else {}), **query}
    answer = await desk.get("/v1/flags", **query)
    assert (await desk.get("/v1/flags", count="true", **query))["count"] == len(answer["items"])
    return [(item["flag"], item["event"], item["status"], item["resolved_by"]) for item in answer["items"]]


async def test_a_flag_says_what_broke_which_rule_and_who_has_to_act(shared_desk: Desk) -> None:
    (receipt,) = await shared_desk.tell(ban("whole", decided_by="officer:1"))
    answer = await shared_desk.get("/v1/flags", subject="seller:shop:whole", flag="NO_REASONS", as_of=LATER)
    assert answer["items"] == [
        {
            "log": SHOP,
            "subject": "seller:shop:whole",
            "flag": "NO_REASONS",
            "rule": "EU-DSA-17",
            "status": "OPEN",
            "severity": "SERIOUS",
            "owner": "PLATFORM",
            "event": "ban-whole",
            "position": receipt["position"],
            "type": "SellerBanned",
            "at": "2026-01-10T03:00:00.000000Z",
            "detail": "Restriction R1 was imposed without a statement of reasons.",
            "about": None,
            "related": [],
            "determined": True,
            "resolved_by": None,
        }
    ]


async def test_filters_narrow_the_list_and_pages_hold_all_of_it(shared_desk: Desk) -> None:
    await shared_desk.tell(ban("many"), ban("more"))
    subjects = ["seller:shop:many", "seller:shop:more"]
    query: dict[str, Json] = {"subject": subjects, "as_of": LATER}
    whole = (await shared_desk.get("/v1/flags", **query))["items"]
    names = ["INCOMPLETE", "LATE_APPEND", "NO_BEGINNING", "NO_PRIOR_WARNING", "NO_REASONS"]
    assert [(item["subject"], item["flag"]) for item in whole] == [(one, name) for one in subjects for name in names]
    filtered: list[tuple[dict[str, Json], list[str]]] = [
        ({"severity": "INFO"}, ["INCOMPLETE", "NO_BEGINNING"]),
        ({"rule": ["EU-DSA-17", "promise-PT24H"]}, ["LATE_APPEND", "NO_REASONS"]),
        ({"flag": "NO_REASONS", "severity": "INFO"}, []),
        ({"owner": "PLATFORM"}, names),
        ({"owner": "FORUM"}, []),
        ({"status": "RESOLVED"}, []),
    ]
    for filters, expected in filtered:
        items = (await shared_desk.get("/v1/flags", **{**query, **filters, "subject": subjects[0]}))["items"]
        assert [item["flag"] for item in items] == expected, filters
    paged: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await shared_desk.get("/v1/flags", limit=3, **query, **cursor)
        paged += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert paged == whole


async def test_a_correction_clears_a_flag_from_its_recording_on_and_keeps_it_for_before(shared_desk: Desk) -> None:
    subject = "seller:shop:cleared"
    (receipt,) = await shared_desk.tell(ban("cleared"))
    await shared_desk.tell(corrected("cleared-fix", subject, "ban-cleared", data={"decision_facts": "Copies again."}))
    assert await asked(shared_desk, subject, "NO_REASONS") == []
    before: dict[str, Json] = {"known_at": receipt["recordedtime"]}
    assert await asked(shared_desk, subject, "NO_REASONS", **before) == [("NO_REASONS", "ban-cleared", "OPEN", None)]
    resolved = [("NO_REASONS", "ban-cleared", "RESOLVED", "cleared-fix")]
    assert await asked(shared_desk, subject, "NO_REASONS", **ALL) == resolved
    assert (
        await asked(shared_desk, subject, "NO_REASONS", status="RESOLVED", size=f"{SHOP}:{receipt['position'] + 1}")
        == []
    )


async def test_by_the_sources_clock_a_flag_was_open_when_the_source_knew_no_better(shared_desk: Desk) -> None:
    subject = "seller:shop:sourced"
    fix = corrected("sourced-fix", subject, "ban-sourced", data={"decision_facts": "Copies again."})
    await shared_desk.tell(
        {**ban("sourced"), "sourcetime": "2026-01-10T04:00:00Z"}, {**fix, "sourcetime": "2026-01-15T00:00:00Z"}
    )
    found = {
        (basis, known_at): await asked(shared_desk, subject, "NO_REASONS", basis=basis, known_at=known_at)
        for basis in ("LEDGER", "SOURCE")
        for known_at in ("2026-01-12T00:00:00Z", "2026-01-16T00:00:00Z")
    }
    nothing: list[Brief] = []
    assert found == {
        ("LEDGER", "2026-01-12T00:00:00Z"): nothing,
        ("LEDGER", "2026-01-16T00:00:00Z"): nothing,
        ("SOURCE", "2026-01-12T00:00:00Z"): [("NO_REASONS", "ban-sourced", "OPEN", None)],
        ("SOURCE", "2026-01-16T00:00:00Z"): nothing,
    }


async def test_a_block_before_the_first_publication_is_accepted_and_flagged(shared_desk: Desk) -> None:
    await shared_desk.tell(block("early", "K1"), published("early", "2026-01-11T00:00:00Z"))
    flags = await asked(shared_desk, "listing:shop:early", "BLOCK_BEFORE_PUBLICATION", "NO_BEGINNING")
    assert flags == [("BLOCK_BEFORE_PUBLICATION", "block-early-K1", "OPEN", None)]
    before = await asked(
        shared_desk, "listing:shop:early", "BLOCK_BEFORE_PUBLICATION", "NO_BEGINNING", as_of="2026-01-10T04:00:00Z"
    )
    assert before == [("NO_BEGINNING", "block-early-K1", "OPEN", None)]


async def test_a_block_that_cites_a_policy_adopted_later_is_made_valid_by_a_correction(shared_desk: Desk) -> None:
    listing, policy = "listing:shop:baseless", "policy:shop:later"
    adopted = event(
        "later-1", "PolicyVersionAdopted", policy, "2026-01-11T00:00:00Z", version="1", adopted_on="2026-01-01"
    )
    (alone,) = await shared_desk.tell(block("baseless", "K1", legal_basis=basis(policy)))
    *_, receipt = await shared_desk.tell(adopted)
    await shared_desk.tell(corrected("later-fix", policy, "later-1", time="2026-01-09T00:00:00Z"))
    flag = ("BASIS_NOT_IN_FORCE", "block-baseless-K1")
    known = [(await asked(shared_desk, listing, flag[0], known_at=one["recordedtime"])) for one in (alone, receipt)]
    assert known == [[(*flag, "UNDETERMINED", None)], [(*flag, "OPEN", None)]]
    assert await asked(shared_desk, listing, flag[0]) == []


async def test_a_number_of_sixteen_digits_in_free_text_is_flagged_and_never_repeated(shared_desk: Desk) -> None:
    number = "3171234567890123"
    await shared_desk.tell(ban("private", decision_facts=f"The card {number} was used."))
    response = await shared_desk.ask(
        "GET", "/v1/flags", subject="seller:shop:private", flag="POSSIBLE_PII_IN_FREE_TEXT"
    )
    assert [item["about"] for item in response.json()["items"]] == ["decision_facts"]
    assert number not in response.text


async def test_who_took_a_decision_does_not_decide_the_appeal_against_it(shared_desk: Desk) -> None:
    filed = event("appeal-own", "AppealFiled", "appeal:shop:own", "2026-01-11T00:00:00Z", target_event_id="ban-own")
    decided = {"result": "UPHELD_DECISION", "decided_by": "officer:1", "human_review": False}
    judged = event("judged-own", "AppealDecided", "appeal:shop:own", "2026-01-12T00:00:00Z", **decided)
    await shared_desk.tell(ban("own", decided_by="officer:1"), filed, judged)
    assert await asked(shared_desk, "appeal:shop:own", "SAME_REVIEWER", "AUTOMATED_APPEAL") == [
        ("AUTOMATED_APPEAL", "judged-own", "OPEN", None),
        ("SAME_REVIEWER", "judged-own", "OPEN", None),
    ]
    await shared_desk.tell(voided("own-void", "seller:shop:own", "ban-own"))
    query: dict[str, Json] = {"subject": "seller:shop:own", "flag": "VOID_INSTEAD_OF_REVERSAL"}
    found = (await shared_desk.get("/v1/flags", **query))["items"]
    assert [(item["event"], item["related"]) for item in found] == [("own-void", ["ban-own", "appeal-own"])]
    assert (await shared_desk.get("/v1/flags", as_of=LATER, **query))["items"] == []  # it was voided after that


async def test_control_totals_and_native_numbers_are_those_of_the_log(desk: Desk) -> None:
    closing = event(
        "closed",
        "SubmissionPeriodClosed",
        "platform:shop",
        "2026-01-31T00:00:00Z",
        period_start="2026-01-01",
        period_end="2026-01-30",
        totals={"SellerBanned": 2},
        first_native_seq=1,
        last_native_seq=3,
    )
    await desk.tell({**ban("one"), "nativeseq": 1}, {**published("two"), "nativeseq": 3}, closing)
    answer = await desk.get("/v1/flags", flag=["CONTROL_TOTAL_MISMATCH", "NATIVE_SEQ_GAP"], log=SHOP, as_of=LATER)
    assert [(item["flag"], item["event"], item["detail"]) for item in answer["items"]] == [
        ("CONTROL_TOTAL_MISMATCH", "closed", "2 of SellerBanned were declared, 1 are recorded."),
        ("NATIVE_SEQ_GAP", "closed", "1 native numbers of the period are missing."),
    ]


async def test_a_notice_is_acknowledged_by_a_receipt_in_the_platforms_log(desk: Desk) -> None:
    await desk.service.create_log("holder", "HOLDER", "UTC", None, "CONFIDENTIAL")
    await let_write(desk, "holder")
    sent = [
        event(f"sent-{ref}", "NoticeSubmitted", f"takedown_case:holder:{ref}", notice_ref=ref)
        for ref in ("N1", "N2", "N3")
    ]
    response = await desk.send(sent, log="holder", who="holder")
    assert response.status_code == 201, response.text
    received = event("got-N1", "NoticeReceived", "takedown_case:shop:N1", "2026-01-10T04:00:00Z", notice_ref="N1")
    late = event("got-N3", "NoticeReceived", "takedown_case:shop:N3", "2026-01-12T04:00:00Z", notice_ref="N3")
    await desk.tell(received, late)
    query: dict[str, Json] = {"flag": "UNACKNOWLEDGED_NOTICE", "log": "holder", "as_of": LATER, **ALL}
    answer = await desk.get("/v1/flags", who="operator", **query)
    assert [(item["event"], item["status"], item["resolved_by"]) for item in answer["items"]] == [
        ("sent-N2", "OPEN", None),
        ("sent-N3", "RESOLVED", "got-N3"),
    ]


async def test_what_a_register_defines_too_is_ambiguous(desk: Desk) -> None:
    await desk.service.create_log("laws", "REGISTER", "UTC", None, "PUBLIC")
    policy = "policy:id:akar"
    adopted = event("p1", "PolicyVersionAdopted", policy, "2026-01-01T00:00:00Z", version="1", adopted_on="2026-01-01")
    await desk.tell(block("L1", "K1", legal_basis=basis(policy)), adopted)
    query: dict[str, Json] = {"flag": "AMBIGUOUS_REFERENCE", "log": SHOP, "as_of": LATER}
    assert (await desk.get("/v1/flags", who="operator", **query))["items"] == []
    await let_write(desk, "laws")
    assert (await desk.send([adopted], log="laws", who="laws")).status_code == 201
    assert [
        (item["event"], item["related"]) for item in (await desk.get("/v1/flags", who="operator", **query))["items"]
    ] == [("block-L1-K1", [policy])]


@needs_shared
async def test_the_flags_of_the_story_are_those_that_its_acts_speak_of(clocked_desk: Desk) -> None:
    """L11 went live after the closure, L12's block was recorded late, D2 was referred without an agreement (14.2)."""
    LOGS.setdefault("kca", ("FORUM", "Asia/Seoul", "KR", "CONFIDENTIAL"))
    await tell_story(clocked_desk, "lazada-id", "public-record", "kca")
    flags = ["POLICY_VIOLATION_AT_PUBLICATION", "LATE_APPEND", "REFERRAL_WITHOUT_AGREEMENT"]
    query: dict[str, Json] = {"flag": flags, "log": ["lazada-id", "kca"], "who": "operator", "tz": "Asia/Jakarta"}

    async def listed(known_at: str) -> list[tuple[str, str, str]]:
        answer = await clocked_desk.get("/v1/flags", as_of="2021-10-31", known_at=known_at, **query)
        return [(item["flag"], item["event"], item["status"]) for item in answer["items"]]

    assert await listed("2021-09-30") == [
        ("POLICY_VIOLATION_AT_PUBLICATION", "L11-pub", "OPEN"),
        ("LATE_APPEND", "L12-K12", "OPEN"),
        ("REFERRAL_WITHOUT_AGREEMENT", "d2-r", "UNDETERMINED"),
    ]
    assert await listed("2021-10-16") == [
        ("POLICY_VIOLATION_AT_PUBLICATION", "L11-pub", "OPEN"),
        ("LATE_APPEND", "L12-K12", "OPEN"),
        ("REFERRAL_WITHOUT_AGREEMENT", "d2-r", "OPEN"),
    ]
    assert await listed("2021-09-02") == [
        ("POLICY_VIOLATION_AT_PUBLICATION", "L11-pub", "OPEN"),
        ("REFERRAL_WITHOUT_AGREEMENT", "d2-r", "UNDETERMINED"),
    ]
