"""Section 12's questions that the report on dispute resolution answers, over a period: Q27, Q29, Q30.

Each is asked at two moments or more, of the section that answers it, and compared whole.
"""

from tests.api.asking import Row, on, record
from tests.api.desk import Desk, Event, Json, corrected, event, filed, outcome
from tests.api.reporting import section, share


def between(name: str, claimant: str, respondent: str, time: str, **data: Json) -> Event:
    """Return that a dispute between two countries was filed."""
    return filed(name, time, claimant_country=claimant, respondent_country=respondent, **data)


def step(name: str, event_type: str, time: str, **data: Json) -> Event:
    """Return what happened in a dispute."""
    return event(f"{event_type}-{name}", event_type, f"dispute:forum:{name}", time, **data)


async def test_q27_how_many_days_each_stage_of_disputes_took_by_corridor_and_how_they_ended(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk,
        "02-01",
        between("A", "ID", "KR", on("01-02")),
        step("A", "DisputeAcknowledged", on("01-04"), case_no="1"),
        step("A", "NegotiationStarted", on("01-10")),
        outcome("A", on("01-20")),
        between("B", "ID", "KR", on("01-02")),
        step("B", "DisputeAcknowledged", on("01-08"), case_no="2"),
        between("C", "ID", "ID", on("01-05")),
        step("C", "DisputeWithdrawn", on("01-09")),
        between("D", "ID", "KR", on("02-01", 0)),
    )
    await record(desk, "02-05", outcome("B", on("01-28"), "DECIDED_FOR_CLAIMANT"))
    corridor = ("claimant_country", "respondent_country")

    async def stages(as_of: str, known_at: str) -> list[Row]:
        names = (
            *corridor,
            "stage",
            *(f"stage_days.{name}" for name in ("n", "median", "values", "n_open", "open_ages")),
        )
        rows = await section(desk, "odr", "stages", names, as_of, known_at=known_at)
        return [row for row in rows if row[:2] == ("ID", "KR")]

    async def corridors(as_of: str, known_at: str) -> list[Row]:
        names = (*corridor, "cross_border", "filed", "outcomes", "closed_without_outcome")
        times = (f"time_to_outcome.{name}" for name in ("n", "median", "p90", "n_open"))
        return await section(desk, "odr", "corridors", (*names, *times), as_of, known_at=known_at)

    filed_: Row = ("FILED", 2, "4", ["2", "6"], 0, [])
    negotiated: Row = ("NEGOTIATION", 1, "10", ["10"], 0, [])
    here: Row = ("ID", "ID", False, 1, {}, 1, 0, None, None, 0)
    assert [row[2:] for row in await stages("01-31", "02-01")] == [
        filed_,
        ("REGISTERED", 1, "6", ["6"], 1, ["23.625"]),
        negotiated,
    ]
    assert [row[2:] for row in await stages("01-31", "02-05")] == [
        filed_,
        ("REGISTERED", 2, "13", ["6", "20"], 0, []),
        negotiated,
    ]
    assert await corridors("01-31", "02-01") == [
        ("ALL", "ALL", None, 3, {"SETTLED": 1}, 1, 1, "18", "18", 1),
        here,
        ("ID", "KR", True, 2, {"SETTLED": 1}, 0, 1, "18", "18", 1),
    ]
    both = {"DECIDED_FOR_CLAIMANT": 1, "SETTLED": 1}
    assert await corridors("01-31", "02-05") == [
        ("ALL", "ALL", None, 3, both, 1, 2, "22", "26", 0),
        here,
        ("ID", "KR", True, 2, both, 0, 2, "22", "26", 0),
    ]
    tallied = ("forum", "filed", "outcomes", "time_to_outcome.median")
    forums = await section(desk, "odr", "forums", tallied, "01-31", known_at="02-05")
    assert forums == [("forum", 3, both, "22")]


async def test_q29_in_which_outcomes_a_machine_helped_whether_a_human_reviewed_it_and_how_many_settled(
    desk: Desk,
) -> None:
    def helped(name: str, time: str, **data: Json) -> Event:
        return step(name, "AutomatedAssistanceUsed", time, purpose="PROPOSAL", **data)

    await desk.tell(
        *(filed(name, on("01-02")) for name in ("A", "B", "C", "D")),
        helped("A", on("01-05"), human_reviewed_by="officer-1"),
        helped("B", on("01-05")),
        outcome("A", on("01-10"), "SETTLED"),
        outcome("C", on("01-10"), "DISMISSED"),
        outcome("B", on("01-20"), "DECIDED_FOR_CLAIMANT"),
        outcome("D", on("01-20"), "SETTLED"),
    )
    names = ("assisted", "outcomes", "human_review_rate", *share("settlement_rate")[:2])

    async def assisted(as_of: str) -> list[Row]:
        rows = await section(desk, "odr", "assistance", names, as_of)
        return [(one, n, rate and rate["decimal"], *rest) for one, n, rate, *rest in rows]

    assert await assisted("01-15") == [(True, 1, "1.0000", 1, 1), (False, 1, None, 0, 1)]
    assert await assisted("01-20") == [(True, 2, "0.5000", 1, 2), (False, 2, None, 1, 2)]


async def test_q30_what_consumers_recovered_of_what_they_claimed_by_currency(clocked_desk: Desk) -> None:
    desk = clocked_desk

    def money(amount: int, currency: str = "IDR") -> Event:
        return {"amount_minor": amount, "currency": currency}

    def won(name: str, time: str, amount: Event) -> Event:
        return step(name, "DisputeOutcomeRecorded", time, outcome="DECIDED_FOR_CLAIMANT", amount_awarded=amount)

    def paid(name: str, time: str, amount: Event) -> Event:
        return step(name, "OutcomeComplianceRecorded", time, status="COMPLIED", amount_paid=amount)

    await record(
        desk,
        "01-31",
        filed("A", on("01-02"), amount=money(1000)),
        filed("B", on("01-02"), amount=money(500)),
        filed("C", on("01-02"), amount=money(70, "KRW")),
        filed("D", on("01-02")),
        won("A", on("01-08"), money(800)),
        won("C", on("01-08"), money(5, "USD")),
        paid("A", on("01-12"), money(800)),
        paid("C", on("01-20"), money(5, "USD")),
    )
    await record(
        desk,
        "02-05",
        corrected("fix", "dispute:forum:A", "OutcomeComplianceRecorded-A", data={"amount_paid": money(600)}),
    )
    names = ("currency", "disputes", "claimed_minor", "awarded_minor", "recovered_minor")

    async def amounts(as_of: str, known_at: str) -> list[Row]:
        return await section(desk, "odr", "amounts", names, as_of, known_at=known_at)

    won_, dollars = ("KRW", 1, 70, 0, 0), ("USD", 0, 0, 5, 5)
    assert await amounts("01-10", "01-31") == [("IDR", 2, 1500, 800, 0), won_, ("USD", 0, 0, 5, 0)]
    assert await amounts("01-31", "01-31") == [("IDR", 2, 1500, 800, 800), won_, dollars]
    assert await amounts("01-31", "02-05") == [("IDR", 2, 1500, 800, 600), won_, dollars]
