"""Section 12's questions about disputes, and the agreements they are referred under: Q25, Q26, Q28."""

from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, corrected, event, filed, outcome

KCA, BPKN = "party:kca", "party:bpkn"
REFERRAL = "CROSS_BORDER_DISPUTE_REFERRAL"
MONTH: Event = {"timeprecision": "MONTH", "timezone": "Asia/Jakarta"}


def signed(name: str, time: str, *countries: str) -> Event:
    """Return that an agreement to refer disputes was signed, and in force by that."""
    data = {"kind": "MOU", "parties": [KCA, BPKN], "countries": list(countries), "scope": [REFERRAL]}
    return event(f"signed-{name}", "AgreementSigned", f"agreement:{name}", time, in_force_on_signature=True, **data)


def referred(name: str, agreement: str, time: str) -> Event:
    """Return that a dispute was referred under an agreement."""
    data = {"to_party_id": KCA, "agreement_id": f"agreement:{agreement}"}
    return event(f"referred-{name}", "DisputeReferred", f"dispute:forum:{name}", time, **data)


async def test_q25_which_partners_were_in_force_for_a_dispute_between_two_countries_certainly_and_possibly(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(
        desk,
        "02-28",
        signed("kca-bpkn", on("01-01", 0), "KR", "ID") | MONTH,
        signed("kca-tokyo", on("01-01"), "KR", "JP"),
        event("over", "AgreementTerminated", "agreement:kca-bpkn", on("02-20"), reason="Notice given."),
    )
    to: Event = {"time": on("01-12"), "timeprecision": "INSTANT"}
    await record(desk, "03-10", corrected("fix", "agreement:kca-bpkn", "signed-kca-bpkn", **to))

    async def in_force(as_of: str, known_at: str, certainty: str) -> list[Row]:
        query = {"status": "IN_FORCE", "country": "ID", "known_at": known_at, "certainty": certainty}
        return await found(desk, "agreements", ("subject", "parties", "countries", "scope"), as_of, **query)

    partner: Row = ("kca-bpkn", [KCA, BPKN], ["KR", "ID"], [REFERRAL])
    for as_of, known_at, certain, possible in (
        ("01-15", "02-28", [], [partner]),
        ("01-15", "03-10", [partner], [partner]),
        ("01-10", "03-10", [], []),
        ("02-15", "02-28", [partner], [partner]),
        ("02-20", "02-28", [], []),
    ):
        assert await in_force(as_of, known_at, "CERTAIN") == certain
        assert await in_force(as_of, known_at, "POSSIBLE") == possible


async def test_q26_which_disputes_were_referred_without_an_agreement_in_force(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk,
        "02-28",
        signed("a-b", on("01-01", 0), "KR", "ID") | MONTH,
        *(filed(name, on("01-02")) for name in ("D1", "D2", "D3")),
        referred("D1", "a-b", on("01-10")),
        referred("D2", "a-b", on("02-10")),
        referred("D3", "a-c", on("02-10")),
    )
    to: Event = {"time": on("01-12"), "timeprecision": "INSTANT"}
    await record(desk, "03-10", corrected("fix", "agreement:a-b", "signed-a-b", **to))

    async def baseless(as_of: str, known_at: str) -> list[Row]:
        query = {"agreement_basis": ["NOT_IN_FORCE", "UNDETERMINED"], "known_at": known_at}
        return await found(desk, "referrals", ("subject", "agreement_id", "agreement_basis"), as_of, **query)

    perhaps, unknown = ("D1", "agreement:a-b", "UNDETERMINED"), ("D3", "agreement:a-c", "UNDETERMINED")
    assert await baseless("01-31", "02-28") == [perhaps]
    assert await baseless("02-10", "02-28") == [perhaps, unknown]
    assert await baseless("02-10", "03-10") == [("D1", "agreement:a-b", "NOT_IN_FORCE"), unknown]


async def test_q28_which_cases_were_decided_complied_with_or_objected_to_too_late(desk: Desk) -> None:
    def at_bpsk(told: Event) -> Event:
        return told | {"subject": str(told["subject"]).replace("dispute:forum", "dispute:bpsk")}

    def of(name: str, event_type: str, time: str, **data: str) -> Event:
        return event(f"{event_type}-{name}", event_type, f"dispute:bpsk:{name}", time, **data)

    year: Event = {"year": 2026, "holidays": [], "weekend": [6, 7]}
    decided = "DECIDED_FOR_CLAIMANT"
    await desk.tell(
        event("calendar", "CalendarPublished", "calendar:ID", on("01-01"), **year),
        *(at_bpsk(filed(name, on("01-05"))) for name in ("D1", "D2", "D3")),
        at_bpsk(outcome("D1", on("02-05"), "DISMISSED")),
        at_bpsk(outcome("D3", on("01-12"), decided)),
        of("D3", "OutcomeComplianceRecorded", on("01-26"), status="COMPLIED"),
        of("D3", "OutcomeObjectionFiled", on("02-02"), court="PN Jakarta", filed_at=on("02-02")),
    )

    async def too_late(as_of: str) -> list[Row]:
        rules = ["ID-UUPK-55", "ID-UUPK-56(1)", "ID-UUPK-56(2)"]
        names = ("subject", "rule", "status", "due_on", "met_by")
        return await found(desk, "deadlines", names, as_of, rule=rules, status=["MISSED", "MET_LATE"])

    not_complied = ("D3", "ID-UUPK-56(1)", "MISSED", "2026-01-21", None)
    complied = ("D3", "ID-UUPK-56(1)", "MET_LATE", "2026-01-21", "OutcomeComplianceRecorded-D3")
    objected = ("D3", "ID-UUPK-56(2)", "MET_LATE", "2026-01-30", "OutcomeObjectionFiled-D3")
    undecided = [(name, "ID-UUPK-55", "MISSED", "2026-02-03", None) for name in ("D1", "D2")]
    assert await too_late("01-21") == []
    assert await too_late("01-22") == [not_complied]
    assert await too_late("02-04") == [*undecided, complied, objected]
    assert await too_late("02-05") == [
        ("D1", "ID-UUPK-55", "MET_LATE", "2026-02-03", "outcome-D1-1"),
        undecided[1],
        complied,
        objected,
    ]
