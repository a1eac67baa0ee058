"""What reports are made of, beside the questions: statements, reviews, complaints, proofs, packs (domain.md 13.1)."""

from ledger.domain.statement import statement_id, statement_subject, statement_uuid
from ledger.tlog.proof import check_consistency
from projections.reports.catalogue import REPORTS
from tests.api.asking import Row, day, on, record
from tests.api.desk import (
    REMOVED,
    SHOP,
    Desk,
    Event,
    Json,
    block,
    corrected,
    event,
    filed,
    outcome,
    published,
    registered,
    reinstated,
    voided,
)
from tests.api.reporting import report, section

STATEMENTS = "statements-of-reasons"
REASONS: Event = {
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "decision_facts": "The goods are shipped from abroad.",
    "category": "X_CATEGORY_CROSS_BORDER_TRADE",
    "source_type": "X_SOURCE_ORDER",
    "automated_detection": False,
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "territorial_scope": ["ID", "DE"],
    "legal_basis": [{"instrument_id": "policy:shop:terms", "article": "3"}],
}


async def test_a_statement_of_reasons_has_the_fields_of_the_database_and_its_codes(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-20",
        published("L1", on("01-03"), gtin="4006381333931"),
        block("L1", "R1", on("01-10"), **REASONS, end_at=on("03-01")),
        block("L2", "R2", on("01-11"), decision_facts="Sold by budi@example.com, who was told."),
        block("L3", "R3", on("02-01", 0)) | {"time": on("01-12")},
    )
    await record(desk, "01-25", voided("void", "listing:shop:L3", "block-L3-R3"))
    asked = {"as_of": day("01-31"), "known_at": day("01-25")}
    answer = (await report(desk, STATEMENTS, **asked))["sections"]
    (statement,) = answer["statements"]
    assert {name: value for name, value in statement.items() if value not in (None, [])} == {
        "log": "shop",
        "puid": "block-L1-R1",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "policy:shop:terms 3",
        "incompatible_content_explanation": "The goods are shipped from abroad.",
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "category_specification": ["KEYWORD_GEOGRAPHICAL_REQUIREMENTS"],
        "territorial_scope": ["DE"],
        "content_date": "2026-01-03",
        "application_date": "2026-01-10",
        "end_date_visibility_restriction": "2026-03-01",
        "decision_facts": "The goods are shipped from abroad.",
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "content_id_ean": "4006381333931",
    }
    assert answer["refused"] == [{"log": "shop", "puid": "block-L2-R2", "because": "POSSIBLE_PII_IN_FREE_TEXT"}]
    earlier = await section(desk, STATEMENTS, "statements", ("puid",), "01-31", known_at="01-20")
    assert earlier == [("block-L1-R1",), ("block-L3-R3",)]


async def test_policies_reviews_signals_and_what_was_blocked_on_their_ground_are_told(clocked_desk: Desk) -> None:
    desk = clocked_desk
    policy = "policy:shop:akar"
    basis = [{"instrument_id": policy}]
    await record(
        desk,
        "01-20",
        event("v1", "PolicyVersionAdopted", policy, on("01-05"), version="1", adopted_on=day("01-04")),
        event("review", "PolicyReviewed", policy, on("01-10"), outcome="UNCHANGED", next_review_due=day("01-15")),
        published("L1", on("01-02")),
        block("L1", "R1", on("01-04"), legal_basis=basis),
        block("L2", "R2", on("01-06"), legal_basis=basis, policy_rule_id="textile"),
        reinstated("L2", "R2", on("01-12")),
    )
    names = ("instrument", "policy_rule_id", "restrictions", "reversal_rate.numerator")
    assert await section(desk, "policy-compliance", "blocks", names, "01-11") == [
        (policy, None, 1, 0),
        (policy, "textile", 1, 0),
    ]
    assert await section(desk, "policy-compliance", "blocks", names, "01-31") == [
        (policy, None, 1, 0),
        (policy, "textile", 1, 1),
    ]
    flags = await section(desk, "policy-compliance", "signals", ("flag", "status", "events"), "01-31")
    assert flags == [("BASIS_NOT_IN_FORCE", "OPEN", 1)]
    reviewed = ("policy", "reviews", "outcomes", "next_review_due", "overdue")
    before: Row = (policy, 1, {"UNCHANGED": 1}, "2026-01-15", False)
    assert await section(desk, "policy-compliance", "reviews", reviewed, "01-14") == [before]
    assert await section(desk, "policy-compliance", "reviews", reviewed, "01-16") == [(*before[:-1], True)]


async def test_complaints_are_told_with_how_many_overturned_the_decision_and_how_long_they_took(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk

    def appeal(name: str, event_type: str, time: str, **data: Json) -> Event:
        return event(f"{event_type}-{name}", event_type, f"appeal:shop:{name}", time, **data)

    seller = {"target_event_id": "block-L1-R1", "appellant_seller_id": "seller:shop:S"}
    await record(
        desk,
        "01-20",
        block("L1", "R1", on("01-02")),
        *(appeal(name, "AppealFiled", on("01-05"), **seller) for name in ("A", "B", "C", "D")),
        appeal("A", "AppealDecided", on("01-08"), result="OVERTURNED", human_review=True),
        appeal("B", "AppealDecided", on("01-12"), result="UPHELD_DECISION"),
        appeal("C", "AppealWithdrawn", on("01-06")),
    )
    names = ("by", "filed", "decided", "withdrawn", "results", "appeal_overturn_rate.decimal")
    times = ("time_to_decision.median", "time_to_decision.open_ages")

    async def complaints(as_of: str) -> Row:
        return (await section(desk, "transparency", "complaints", (*names, *times), as_of))[0]

    assert await complaints("01-09") == ("all", 4, 1, 1, {"OVERTURNED": 1}, "1.0000", "3", ["4.625", "4.625"])
    both = {"OVERTURNED": 1, "UPHELD_DECISION": 1}
    assert await complaints("01-31") == ("all", 4, 2, 1, both, "0.5000", "5", ["26.625"])


async def test_growth_is_proved_and_corrections_and_lateness_are_counted(clocked_desk: Desk) -> None:
    desk = clocked_desk
    law = event("law", "PolicyVersionAdopted", "policy:shop:p", on("01-02"), version="1", adopted_on=day("01-01"))
    await record(desk, "01-10", published("L1", on("01-09", 23)), block("L1", "R1", on("01-10", 13)), law)
    await record(desk, "02-05", block("L2", "R2", on("01-26")), voided("void", "listing:shop:L1", "block-L1-R1"))
    await record(desk, "02-06", corrected("fix", "listing:shop:L2", "block-L2-R2", data={"sales_before_block": 1}))
    grown = ("log", "size_before", "size", "recorded")
    february = {"from": day("02-01"), "to": day("02-05"), "log": [SHOP]}
    assert await section(desk, "integrity", "logs", grown, "02-28", log=[SHOP]) == [("shop", 0, 3, 3)]
    assert await section(desk, "integrity", "logs", grown, "02-28", **february) == [("shop", 3, 5, 2)]
    (proved,) = (await report(desk, "integrity", **february))["sections"]["logs"]
    sizes = proved["size_before"], proved["size"]
    roots = bytes.fromhex(proved["root_before"]), bytes.fromhex(proved["root"])
    proof = [bytes.fromhex(one) for one in proved["consistency_proof"]]
    check_consistency(sizes[0], roots[0], sizes[1], roots[1], proof)
    reasons = ("kind", "reason", "decision", "n")
    assert await section(desk, "integrity", "corrections", reasons, "02-28", **february) == [
        ("VOID", "CLERICAL", "true", 1)
    ]
    late = ("late", *(f"lateness.{name}" for name in ("n", "median", "p50", "p95", "values")))
    assert await section(desk, "integrity", "lateness", late, "02-28", known_at="01-10", log=[SHOP]) == [
        (0, 2, "17", "10", "24", ["10", "24"])
    ]
    assert await section(desk, "integrity", "lateness", late, "02-28", known_at="02-05", log=[SHOP]) == [
        (1, 2, "139", "24", "254", ["24", "254"])
    ]


async def test_the_pack_of_a_replay_is_what_a_replay_comes_to_with_its_manifest(desk: Desk) -> None:
    await desk.tell(published("L1"), block("L1", "R1"), registered("S"))
    asked = {"log": [SHOP], "as_of": day("02-01"), "subject_prefix": "listing:"}
    answer = await report(desk, "replay-pack", **asked)
    (manifest,), (state,) = answer["sections"]["manifest"], answer["sections"]["states"]
    assert (state["subject"], [one["restriction_id"] for one in state["state"]["restrictions"]]) == (
        "listing:shop:L1",
        ["R1"],
    )
    assert (manifest["subject_count"], manifest["event_count"], manifest["subject_prefix"]) == (1, 2, "listing:")
    assert manifest["logs"] == {SHOP: answer["logs"][SHOP]}
    assert answer["sections"]["checkpoints"][0]["root"] == answer["logs"][SHOP]["root"]


async def test_no_report_says_what_is_personal(desk: Desk) -> None:
    await desk.tell(
        filed(
            "A",
            on("01-03"),
            claimant_subject_id="subject:c1",
            claimant_name="Siti Rahma",
            claimant_contact="siti@example.com",
            narrative="Siti Rahma never got it.",
        ),
        registered("S", on("01-03"), shop_name="Toko Siti Rahma", subject_id="subject:c1"),
        block("L1", "R1", on("01-04"), decision_facts="Siti Rahma, siti@example.com, sold counterfeits."),
    )
    for known in REPORTS:
        answer = await desk.ask("GET", f"/v1/reports/{known.name}", who="operator", log=SHOP)
        assert answer.status_code == 200
        assert not [said for said in ("Siti", "siti", "enc:v1") if said in answer.text]


async def test_who_read_what_for_which_purpose_and_what_became_of_erasures_is_counted(clocked_desk: Desk) -> None:
    desk = clocked_desk
    read: Event = {"purpose": "inspection 7", "rows": 20}
    due: Event = {"until": day("12-31"), "ground": "LEGAL_CLAIM"}
    asked: Event = {"subject_id": "subject:c1", "request_ref": "r1", "received_at": on("01-10")}
    await record(
        desk,
        "01-20",
        event("access-1", "RecordsAccessed", "audit:a1", on("01-20"), **read, pii_unmasked=1),
        event("access-2", "RecordsAccessed", "audit:a1", on("01-20"), **{**read, "rows": 5}),
        event("replay-1", "ReplayExecuted", "audit:a1", on("01-20")),
        event("asked-1", "ErasureRequested", "subject:c1", on("01-20"), **asked),
        event("asked-2", "ErasureRequested", "subject:c2", on("01-20"), **{**asked, "subject_id": "subject:c2"}),
    )
    await record(desk, "01-25", event("later", "ErasureDeferred", "subject:c1", on("01-25"), **due))

    async def told(known_at: str) -> tuple[list[Row], list[Row]]:
        access = ("type", "purpose", "times", "rows", "pii_unmasked")
        subjects = ("status", "held", "subjects")
        return (
            await section(desk, "integrity", "access", access, "01-31", known_at=known_at),
            await section(desk, "integrity", "data_subjects", subjects, "01-31", known_at=known_at),
        )

    accesses: list[Row] = [("RecordsAccessed", "inspection 7", 2, 25, 1), ("ReplayExecuted", None, 1, 0, 0)]
    assert await told("01-19") == ([], [])
    assert await told("01-20") == (accesses, [("REQUESTED", False, 2)])
    assert await told("01-25") == (accesses, [("DEFERRED", False, 1), ("REQUESTED", False, 1)])


async def test_a_statement_that_was_submitted_is_given_in_its_own_words_and_what_it_imposed_not_again(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    said: Event = {
        "puid": "tk-421",
        "decision_visibility": [REMOVED],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "category": "STATEMENT_CATEGORY_ANIMAL_WELFARE",
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "content_date": "2026-01-04",
        "application_date": "2026-01-05",
        "decision_facts": "A notice with photographs.",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "territorial_scope": ["BE", "DE"],
    }
    name = statement_id("tk-421")
    await record(
        desk,
        "01-06",
        event(
            name, "StatementSubmitted", statement_subject("shop", statement_uuid("shop", "tk-421")), on("01-06"), **said
        ),
        {**block("L1", "R1", on("01-05")), "id": f"{name}:visibility"},
    )
    found = (await report(desk, STATEMENTS, as_of=day("01-31")))["sections"]["statements"]
    assert [{name: value for name, value in row.items() if value not in (None, [])} for row in found] == [
        {"log": "shop", **said}
    ]
    assert await section(desk, STATEMENTS, "statements", ("puid",), "01-31", known_at="01-05") == []


async def test_what_is_only_possibly_so_is_told_to_those_who_ask_for_it(desk: Desk) -> None:
    month: Event = {"timeprecision": "MONTH", "timezone": "Asia/Jakarta"}
    await desk.tell(block("L1", "R1", on("01-01", 0)) | month, block("L2", "R2", on("01-10")))

    async def decided(certainty: str) -> Row:
        names = ("by", "decisions")
        return (await section(desk, "transparency", "measures", names, "01-15", certainty=certainty))[0]

    assert (await decided("CERTAIN"), await decided("POSSIBLE")) == (("all", 1), ("all", 2))


async def test_what_a_source_says_it_knew_is_told_on_its_basis(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk, "01-31", block("L1", "R1", on("01-05")) | {"sourcetime": on("01-06")}, block("L2", "R2", on("01-05"))
    )

    async def decided(basis: str) -> Row:
        names = ("by", "decisions")
        asked = {"basis": basis, "known_at": "01-10"}
        return (await section(desk, "transparency", "measures", names, "01-31", **asked))[0]

    assert (await decided("LEDGER"), await decided("SOURCE")) == (("all", 0), ("all", 1))


async def test_agreements_in_force_and_disputes_about_the_platforms_own_decisions_are_told(desk: Desk) -> None:
    def signed(name: str, time: str) -> Event:
        said = {"kind": "MOU", "parties": ["party:a", "party:b"], "countries": ["ID", "KR"], "scope": ["TRAINING"]}
        return event(f"signed-{name}", "AgreementSigned", f"agreement:{name}", time, in_force_on_signature=True, **said)

    await desk.tell(
        signed("a-b", on("01-05")),
        event("over", "AgreementTerminated", "agreement:a-b", on("01-20"), reason="Notice given."),
        filed("A", on("01-03"), issue="PLATFORM_DECISION"),
        filed("B", on("01-03"), issue="COUNTERFEIT"),
        outcome("A", on("01-13")),
    )
    names = ("subject", "parties", "scope")
    in_force: Row = ("agreement:a-b", ["party:a", "party:b"], ["TRAINING"])
    assert await section(desk, "odr", "agreements", names, "01-10") == [in_force]
    assert await section(desk, "odr", "agreements", names, "01-20") == []
    outside = ("forum", "disputes", "outcomes", "time_to_decision.median", "time_to_decision.n_open")
    assert await section(desk, "transparency", "out_of_court", outside, "01-10") == [("forum", 1, {}, None, 1)]
    assert await section(desk, "transparency", "out_of_court", outside, "01-31") == [
        ("forum", 1, {"SETTLED": 1}, "10", 0)
    ]


async def test_notices_found_abusive_are_counted_by_measure(desk: Desk) -> None:
    def abusive(name: str, time: str, **data: Json) -> Event:
        return event(
            f"abuse-{name}", "NoticeFoundAbusive", f"takedown_case:shop:{name}", time, finding="UNFOUNDED", **data
        )

    aside: Event = {"measure": "PROCESSING_SUSPENDED_UNTIL", "suspended_until": day("02-01")}
    await desk.tell(abusive("A", on("01-05"), measure="WARNING"), abusive("B", on("01-10"), **aside))
    names = ("finding", "measure", "notices")
    warned: Row = ("UNFOUNDED", "WARNING", 1)
    assert await section(desk, "transparency", "abusive_notices", names, "01-07") == [warned]
    assert await section(desk, "transparency", "abusive_notices", names, "01-31") == [
        ("UNFOUNDED", "PROCESSING_SUSPENDED_UNTIL", 1),
        warned,
    ]
