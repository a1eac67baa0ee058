"""Section 12's questions that the transparency report answers, over a period: Q10, Q11, Q15, Q43.

Each is asked at two moments or more, of the report and section that answers it, and compared whole.
"""

from tests.api.asking import Row, day, on, record
from tests.api.desk import Desk, Event, Json, block, corrected, event, reinstated, voided
from tests.api.reporting import parts, section, share

CASE = "takedown_case:shop"


def noticed(name: str, time: str, **data: Json) -> Event:
    """Return that a notice came, on one item."""
    data = {"notifier_party_id": "party:holder", "items": [{"item_no": 1}], "priority": "COUNTERFEIT", **data}
    return event(f"notice-{name}", "NoticeReceived", f"{CASE}:{name}", time, **data)


def acted(name: str, time: str, event_type: str = "TakedownActioned", **data: Json) -> Event:
    """Return what was decided on it."""
    data = {"measure": "REMOVED", **data} if event_type == "TakedownActioned" else data
    return event(f"{event_type}-{name}", event_type, f"{CASE}:{name}", time, item_no=1, **data)


async def test_q10_how_many_hours_small_right_holders_wait_and_others_for_counterfeits_alone(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    small, large = {"notifier_size_class": "SMALL"}, {"notifier_size_class": "LARGE"}
    await record(
        desk,
        "01-20",
        *(noticed(name, on("01-10", 0), **small) for name in ("A", "B", "C")),
        acted("A", on("01-10", 10)),
        acted("B", on("01-10", 21), "TakedownDeclined"),
        noticed("D", on("01-10", 0), **large),
        acted("D", on("01-10", 4)),
        noticed("E", on("01-10", 0), **small, priority="OTHER"),
        noticed("F", on("01-10", 0)),
    )
    await record(
        desk,
        "01-25",
        acted("C", on("01-11", 6)),
        corrected("fix", f"{CASE}:A", "TakedownActioned-A", time=on("01-10", 12)),
    )
    names = ("by", "value", *(f"time_to_action.{name}" for name in ("n", "median", "p90", "values", "n_open")))

    async def waited(as_of: str, known_at: str) -> list[Row]:
        query = {"known_at": known_at, "priority": "COUNTERFEIT", "to": day("01-10")}
        rows = await section(desk, "transparency", "notices", names, as_of, **query)
        return [row[1:] for row in parts(rows, "firm")]

    others: Row = ("LARGE", 1, "4", "4", ["4"], 0)
    unsaid: Row = ("UNKNOWN", 0, None, None, [], 1)
    assert await waited("01-31", "01-20") == [others, ("SME", 2, "15.5", "21", ["10", "21"], 1), unsaid]
    assert await waited("01-31", "01-25") == [others, ("SME", 3, "21", "30", ["12", "21", "30"], 0), unsaid]


async def test_q11_which_share_of_notices_was_processed_within_24_hours_by_tier(desk: Desk) -> None:
    good, trusted = {"notifier_tier": "GOOD_FAITH"}, {"notifier_tier": "TRUSTED_FLAGGER"}
    await desk.tell(
        *(noticed(name, on("01-10", 0), **good) for name in ("A", "B", "C")),
        acted("A", on("01-10", 23)),
        acted("B", on("01-11", 1)),
        noticed("D", on("01-12", 0), **trusted),
        acted("D", on("01-12", 2)),
        noticed("E", on("01-20", 12), **trusted),
    )
    names = ("by", "value", *share("share_within_24_hours"))

    async def kept(as_of: str) -> list[Row]:
        return [row[1:] for row in parts(await section(desk, "transparency", "notices", names, as_of), "tier")]

    assert await kept("01-10") == [("GOOD_FAITH", 1, 1, 2)]
    assert await kept("01-20") == [("GOOD_FAITH", 1, 3, 0), ("TRUSTED_FLAGGER", 1, 1, 1)]
    assert await kept("01-21") == [("GOOD_FAITH", 1, 3, 0), ("TRUSTED_FLAGGER", 1, 2, 0)]


async def test_q15_which_decisions_were_reversed_by_ground_category_automation_and_notifier(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    machine: Event = {
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    }
    person: Event = {"automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"}
    await record(
        desk,
        "02-01",
        noticed("A", on("01-02")),
        acted("A", on("01-03"), listing_id="listing:shop:L1", restriction_id="R1"),
        block("L1", "R1", on("01-03"), **machine, category="STATEMENT_CATEGORY_SCAMS_AND_FRAUD"),
        block("L2", "R2", on("01-04"), **machine),
        block("L3", "R3", on("01-05"), **person),
        block("L4", "R4", on("02-01", 0), **person),
        lifted("L1", "R1", on("01-20"), "APPEAL_UPHELD"),
        lifted("L2", "R2", on("01-28"), "PLATFORM_ERROR"),
    )
    await record(
        desk, "02-05", voided("void", "listing:shop:L2", "lift-L2-R2"), voided("v3", "listing:shop:L3", "block-L3-R3")
    )
    by = ("all", "automated_decision", "category", "ground", "notifier")
    names = ("by", "value", *share("reversal_rate")[:2], "reversal_grounds", "error_rate.numerator")

    async def reversed_(as_of: str, known_at: str) -> list[Row]:
        rows = await section(desk, "transparency", "measures", names, as_of, known_at=known_at)
        return parts(rows, *by)

    appeal, both = {"APPEAL_UPHELD": 1}, {"APPEAL_UPHELD": 1, "PLATFORM_ERROR": 1}
    illegal, scam = "DECISION_GROUND_ILLEGAL_CONTENT", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    fully, never = "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert await reversed_("02-02", "02-01") == [
        ("all", "all", 2, 3, both, 1),
        ("ground", illegal, 2, 2, both, 1),
        ("ground", "UNKNOWN", 0, 1, {}, 0),
        ("category", scam, 1, 1, appeal, 0),
        ("category", "UNKNOWN", 1, 2, {"PLATFORM_ERROR": 1}, 1),
        ("automated_decision", fully, 2, 2, both, 1),
        ("automated_decision", never, 0, 1, {}, 0),
        ("notifier", "UNKNOWN", 1, 2, {"PLATFORM_ERROR": 1}, 1),
        ("notifier", "party:holder", 1, 1, appeal, 0),
    ]
    assert await reversed_("02-02", "02-05") == [
        ("all", "all", 1, 2, appeal, 0),
        ("ground", illegal, 1, 2, appeal, 0),
        ("category", scam, 1, 1, appeal, 0),
        ("category", "UNKNOWN", 0, 1, {}, 0),
        ("automated_decision", fully, 1, 2, appeal, 0),
        ("notifier", "UNKNOWN", 0, 1, {}, 0),
        ("notifier", "party:holder", 1, 1, appeal, 0),
    ]
    assert (await reversed_("01-15", "02-01"))[0] == ("all", "all", 0, 3, {}, 0)


def lifted(name: str, restriction_id: str, time: str, ground: str) -> Event:
    """Return that a restriction ended, on a ground."""
    ended = reinstated(name, restriction_id, time)
    return {**ended, "data": {**ended["data"], "ground": ground}}


async def test_q43_what_a_platform_reported_for_a_period_and_where_the_ledger_shows_otherwise(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(desk, "01-31", *(block(name, "R", on("01-10")) for name in ("L1", "L2", "L3")))
    reported = {"decisions": 3, "decisions_reversed": 0, "sellers_trained": 9}
    period: Event = {"period_start": day("01-01"), "period_end": day("01-31"), "template": "DSA_2024_2835"}
    report = "report:shop:2026-01"
    await record(
        desk,
        "02-10",
        event("said", "TransparencyReportPublished", report, on("02-10"), **period, manifest={"figures": reported}),
        event(
            "else",
            "TransparencyReportPublished",
            "report:shop:2025",
            on("02-10"),
            **{**period, "period_start": day("01-02")},
            manifest={"figures": reported},
        ),
    )
    await record(desk, "02-20", voided("void", "listing:shop:L3", "block-L3-R"))
    names = ("event", "figure", "reported", "ledger", "agrees")

    async def beside(as_of: str, known_at: str) -> list[Row]:
        return await section(desk, "transparency", "published", names, as_of, known_at=known_at)

    assert await beside("02-05", "02-10") == []
    reversed_, trained = ("said", "decisions_reversed", 0, 0, True), ("said", "sellers_trained", 9, None, False)
    assert await beside("02-28", "02-10") == [("said", "decisions", 3, 3, True), reversed_, trained]
    assert await beside("02-28", "02-20") == [("said", "decisions", 3, 2, False), reversed_, trained]
    again: Event = {"of": "said", "changes": {"decisions": 2}}
    await record(desk, "02-25", event("anew", "TransparencyReportCorrected", report, on("02-25"), **again))
    assert await beside("02-28", "02-25") == [
        ("said", "decisions", 3, 2, False),
        reversed_,
        trained,
        ("anew", "decisions", 2, 2, True),
        ("anew", *reversed_[1:]),
        ("anew", *trained[1:]),
    ]
