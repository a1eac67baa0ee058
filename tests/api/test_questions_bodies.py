"""Section 12's questions about bodies, their members and meetings: Q17, Q31 to Q33."""

from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, Json, corrected, event, voided

ALLIANCE, COMMITTEE = "body:aaca", "body:smc"
MONTH: Event = {"timeprecision": "MONTH", "timezone": "Asia/Jakarta"}


def admitted(number: int, time: str, **data: Json) -> Event:
    """Return that a party, of the membership's number unless it says otherwise, is a member of the alliance."""
    data = {"body_id": ALLIANCE, "party_id": f"party:{number}", "tier": "MEMBER", **data}
    return event(f"admitted-{number}", "MembershipAdmitted", f"membership:aaca:{number}", time, **data)


async def test_q17_who_joined_again_within_the_period_in_which_they_were_not_eligible(clocked_desk: Desk) -> None:
    desk = clocked_desk
    barred: Event = {"reason": "EXPELLED", "ineligible_until": "2026-02-28"}
    await record(
        desk,
        "04-01",
        admitted(1, on("01-02")),
        admitted(2, on("01-02")),
        event("expelled-1", "MembershipEnded", "membership:aaca:1", on("01-10"), **barred),
        event("expelled-2", "MembershipEnded", "membership:aaca:2", on("01-10"), **barred),
        admitted(3, on("02-15"), party_id="party:1"),
        admitted(4, on("03-01"), party_id="party:2"),
    )
    await record(desk, "04-05", voided("void", "membership:aaca:1", "expelled-1"))

    async def too_soon(as_of: str, known_at: str) -> list[Row]:
        names = ("subject", "event", "status", "about")
        return await found(desk, "flags", names, as_of, known_at=known_at, flag="INELIGIBLE_PERIOD")

    assert await too_soon("02-14", "04-01") == []
    assert await too_soon("03-10", "04-01") == [("3", "admitted-3", "OPEN", "expelled-1")]
    assert await too_soon("03-10", "04-05") == [("3", "admitted-3", "OPEN", "membership:aaca:1")]


async def test_q31_which_members_and_brands_there_were_and_of_which_industries_certainly_and_possibly(
    desk: Desk,
) -> None:
    brand: Event = {"brand_id": "brand:x", "name": "X"}
    await desk.tell(
        admitted(1, on("01-02"), industries=["TOYS"]),
        admitted(2, on("02-01", 0), industries=["APPAREL", "HOME"]) | MONTH,
        event("brand", "BrandAssociated", "membership:aaca:1", on("01-20"), **brand),
        event("left", "MembershipEnded", "membership:aaca:1", on("03-10"), reason="LEFT"),
    )

    async def members(as_of: str, certainty: str = "CERTAIN") -> list[Row]:
        query = {"body": ALLIANCE, "status": "ACTIVE", "certainty": certainty}
        listed = await found(desk, "memberships", ("party_id", "industries", "brands"), as_of, **query)
        return [(party, industries, [brand["name"] for brand in brands]) for party, industries, brands in listed]

    first: Row = ("party:1", ["TOYS"], [])
    branded: Row = ("party:1", ["TOYS"], ["X"])
    second: Row = ("party:2", ["APPAREL", "HOME"], [])
    assert await members("01-10") == [first]
    assert await members("02-10") == [branded]
    assert await members("02-10", "POSSIBLE") == [branded, second]
    assert await members("03-05") == [branded, second]
    assert await members("03-10") == [second]


async def test_q32_whether_the_committee_met_twice_a_year_and_who_came(clocked_desk: Desk) -> None:
    desk = clocked_desk

    def held(number: int, time: str, **data: Json) -> Event:
        return event(f"held-{number}", "MeetingHeld", COMMITTEE, time, meeting_no=number, **data)

    mandate: Event = {"cadence": {"per_year": 2}}
    await record(
        desk,
        "04-01",
        event("established", "BodyEstablished", COMMITTEE, on("01-01"), kind="COMMITTEE"),
        event("mandate", "BodyMandateAdopted", COMMITTEE, on("01-01"), **mandate),
        held(1, on("01-20"), attendee_count=12, industries=["TOYS"], attendee_countries=["ID", "CN"]),
        held(2, on("03-20"), attendee_count=9, industries=["HOME"], attendee_countries=["ID"]),
    )
    await record(desk, "04-05", corrected("fix", COMMITTEE, "held-1", time="2025-12-20T09:00:00+07:00"))

    async def met(as_of: str, known_at: str) -> list[list[Row]]:
        names = ("meeting_no", "date", "attendee_count", "industries", "attendee_countries")
        query = {"known_at": known_at}
        bodies = await found(desk, "bodies", ("mandate", "meetings_per_year"), as_of, subject=COMMITTEE, **query)
        meetings = await found(desk, "meetings", names, as_of, body=COMMITTEE, state="HELD", **query)
        return [[(said["per_year"], times) for said, times in bodies], meetings]

    first, second = (1, "2026-01-20", 12, ["TOYS"], ["ID", "CN"]), (2, "2026-03-20", 9, ["HOME"], ["ID"])
    earlier = (1, "2025-12-20", *first[2:])
    assert await met("02-01", "04-01") == [[(2, {"2026": 1})], [first]]
    assert await met("03-31", "04-01") == [[(2, {"2026": 2})], [first, second]]
    assert await met("03-31", "04-05") == [[(2, {"2025": 1, "2026": 1})], [earlier, second]]


async def test_q33_whether_the_task_force_was_established_with_which_members_and_powers_or_only_announced(
    desk: Desk,
) -> None:
    force, talk = "body:task-force", "body:talk"
    mandate: Event = {"members": ["Ministry of Trade", "Police"], "powers": ["inspect warehouses"]}
    await desk.tell(
        event("talked", "BodyAnnounced", talk, on("01-05"), kind="TASK_FORCE"),
        event("announced", "BodyAnnounced", force, on("01-05"), kind="TASK_FORCE", intended_members=["Police"]),
        event("established", "BodyEstablished", force, on("01-15"), kind="TASK_FORCE"),
        event("mandate", "BodyMandateAdopted", force, on("01-16"), **mandate),
    )

    async def stands(as_of: str) -> list[Row]:
        names = ("subject", "state", "intended_members", "mandate")
        listed = await found(desk, "bodies", names, as_of, kind="TASK_FORCE")
        said = ("members", "powers")
        return [(*row, [mandate[name] for name in said] if mandate else None) for *row, mandate in listed]

    announced = ("talk", "ANNOUNCED", None, None)
    assert await stands("01-14") == [announced, ("task-force", "ANNOUNCED", ["Police"], None)]
    assert await stands("01-15") == [announced, ("task-force", "ESTABLISHED", ["Police"], None)]
    given = [mandate["members"], mandate["powers"]]
    assert await stands("01-16") == [announced, ("task-force", "ESTABLISHED", ["Police"], given)]
