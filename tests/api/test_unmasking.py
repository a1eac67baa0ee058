"""Personal data in clear: to whom, for what, and that each time is recorded; after an erasure for nobody."""

import msgspec
import pytest

from tests.api.desk import SHOP, Desk, Event, Json, corrected, event, filed
from tests.api.roles import many_of
from tests.api.test_cases import let

PARTY = "party:p1"
CLAIM = "dispute:forum:D1"
SECRET = "Siti Aminah"
BASED = "inspection 12; basis: UU 27/2022 art. 15"


def claim() -> Event:
    """Return that somebody filed a dispute."""
    return filed("D1", claimant_subject_id="subject:c1", claimant_name=SECRET, claimant_contact="siti@example.id")


async def named(desk: Desk, who: str, purpose: str = BASED, log: str = SHOP, **query: Json) -> tuple[int, str]:
    """Return the status with which somebody reads the filing unmasked, and the name that is read."""
    response = await desk.ask("GET", f"/v1/logs/{log}/events/filed-D1", who=who, unmask=purpose, **query)
    return response.status_code, response.json()["data"]["claimant_name"] if response.is_success else ""


async def records(desk: Desk) -> list[Event]:
    """Return the records of unmaskings, oldest first."""
    if "audit" not in [log["slug"] for log in (await desk.get("/v1/logs", who="operator"))["items"]]:
        return []
    return [
        one
        for one in (await desk.get("/v1/logs/audit/events", who="operator", limit=1_000))["items"]
        if one["data"].get("pii_unmasked")
    ]


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("operator", False),
        ("PLATFORM_WRITER", True),
        ("PLATFORM_COMPLIANCE", True),
        ("RIGHTS_HOLDER", False),
        ("AGENT", False),
        ("ALLIANCE_SECRETARIAT", False),
        ("CONSUMER_AGENCY", False),
        ("PARTNER_AGENCY", False),
        ("ODR_ADMIN", False),
        ("REGULATOR", True),
        ("TASK_FORCE", False),
        ("LAW_ENFORCEMENT", False),
        ("COURT", False),
        ("AUDITOR", True),
        ("RESEARCHER", False),
        ("PUBLIC", False),
        ("PRIVACY_OFFICER", False),
    ],
)
async def test_a_role_unmasks_in_a_platforms_log_or_is_forbidden_to(desk: Desk, who: str, may: bool) -> None:
    await desk.tell(claim())
    await many_of(desk)
    assert await named(desk, who) == ((200, SECRET) if may else (403, ""))
    assert len(await records(desk)) == (1 if may else 0)


async def test_each_unmasking_is_recorded_before_its_answer_leaves(desk: Desk) -> None:
    await desk.tell(claim())
    assert [await named(desk, "writer", purpose) for purpose in ("call back", "ship")] == [(200, SECRET)] * 2
    found = await records(desk)
    said = [(one["authid"], one["authrole"], one["data"]["scope"], one["data"]["purpose"]) for one in found]
    writer = desk.tokens["writer"].split("_")[1]
    scope = [f"{SHOP} {CLAIM}"]
    assert said == [(writer, "SYSTEM", scope, purpose) for purpose in ("call back", "ship")]
    assert [(one["data"]["rows"], one["data"]["pii_unmasked"], one["data"]["extra"]) for one in found] == [
        (1, 2, {"role": "PLATFORM_WRITER"})
    ] * 2


async def test_an_authority_names_its_legal_basis_and_a_purpose_says_something(desk: Desk) -> None:
    await desk.tell(claim())
    await let(desk, "authority", "REGULATOR", jurisdictions=("ID",))
    for purpose in ("inspection 12", "inspection 12; basis:", "basis: "):
        assert await named(desk, "authority", purpose) == (422, "")
    assert await named(desk, "authority") == (200, SECRET)
    assert [await named(desk, "writer", purpose) for purpose in ("", "x" * 501)] == [(422, "")] * 2
    assert len(await records(desk)) == 1


async def test_a_subjects_events_are_read_in_clear_and_a_corrected_value_too(desk: Desk) -> None:
    await desk.tell(claim())
    await desk.tell(corrected("c", CLAIM, "filed-D1", data={"claimant_name": "Siti A."}))
    path = f"/v1/logs/{SHOP}/events"
    assert (await desk.ask("GET", path, unmask="all of them")).status_code == 422
    items = (await desk.get(path, subject=CLAIM, unmask="a call"))["items"]
    assert items[0]["data"]["claimant_name"] == SECRET
    assert items[1]["data"]["set"]["data"]["claimant_name"] == "Siti A."
    masked = (await desk.get(path, subject=CLAIM))["items"]
    assert [masked[0]["data"]["claimant_name"], masked[1]["data"]["set"]["data"]["claimant_name"]] == ["[MASKED]"] * 2


async def test_no_state_holds_personal_data(desk: Desk) -> None:
    person = {"kind": "NATURAL", "name": SECRET, "country": "ID", "subject_id": "subject:p1"}
    await desk.tell(claim(), event("p1", "PartyRegistered", PARTY, **person))
    for subject in (PARTY, CLAIM):
        for path in ("/v1/subject", "/v1/subject/history", "/v1/subject/timeline"):
            text = (await desk.ask("GET", path, subject=subject)).text
            assert (SECRET in text, "enc:v1" in text, '"items":[{' in text) == (False, False, True)


async def test_an_identifier_is_shown_to_nobody_and_an_erased_value_neither(desk: Desk) -> None:
    person = {"subject_id": "subject:s1", "name": SECRET, "national_id_token": "3171234567890123"}
    verified = event("v", "SellerVerified", "seller:shop:S1", entity_class="INDIVIDUAL", document_type="KTP",
                     document_country="ID", verification_method="VIDEO", verification_id="V1", **person)  # fmt: skip
    await desk.tell(verified)

    async def shown() -> tuple[str, str]:
        answer = await desk.get(f"/v1/logs/{SHOP}/events/v", unmask="a call")
        return answer["data"]["name"], answer["data"]["national_id_token"]

    assert await shown() == (SECRET, "[MASKED]")
    order = {"subject": "subject:s1", "basis": "consent withdrawn", "request_ref": "R1"}
    erased = await desk.ask("POST", "/v1/erasures", who="operator", content=msgspec.json.encode(order))
    assert (erased.status_code, await shown()) == (201, ("[ERASED]", "[ERASED]"))
