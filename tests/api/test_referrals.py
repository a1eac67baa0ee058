"""Referrals, and whether an agreement was in force to refer under (domain.md Q26, A22, edge cases 26 and 27)."""

from collections.abc import AsyncGenerator

import msgspec
import pytest

from api.files import local_author
from api.story import read_story, tell
from ledger.server.embedded import EmbeddedServer
from tests.api.desk import OPEN, RIVAL, Desk, Event, Json, corrected, event, filed, open_desk
from tests.conftest import copied_database

KCA = "party:kca"
FORUMS = ("kca", "bpkn", "ukicc", "public-record")
AGREED: dict[str, Json] = {"kind": "MOU", "in_force_on_signature": True, "scope": ["CROSS_BORDER_DISPUTE_REFERRAL"]}
MONTH = {"timeprecision": "MONTH"}
DAY = {"timeprecision": "DAY"}


def agreed(name: str, time: str, precision: dict[str, str] | None = None, **data: Json) -> Event:
    """Return that an agreement was signed; at an instant, unless it says otherwise."""
    said = {key: value for key, value in (AGREED | data).items() if value is not None}
    signed = event(f"signed-{name}", "AgreementSigned", f"agreement:{name}", time, **said)
    return signed | (precision or {})


def referred(
    name: str, time: str, agreement: str | None = None, precision: dict[str, str] | None = None
) -> list[Event]:
    """Return that a dispute was filed, and referred under an agreement."""
    data = {"to_party_id": KCA} | ({} if agreement is None else {"agreement_id": f"agreement:{agreement}"})
    referral = event(f"referred-{name}", "DisputeReferred", f"dispute:forum:{name}", time, **data)
    return [filed(name), referral | (precision or {})]


async def bases(desk: Desk, **query: Json) -> dict[str, str]:
    """Return the basis of each referral, by the dispute's name."""
    items = (await desk.get("/v1/referrals", **query))["items"]
    return {item["subject"].rpartition(":")[2]: item["agreement_basis"] for item in items}


@pytest.mark.parametrize(
    ("agreement", "referral", "basis"),
    [
        ([agreed("m", "2026-01-05T00:00:00Z")], "2026-01-10T00:00:00Z", "IN_FORCE"),
        ([agreed("m", "2026-01-15T00:00:00Z")], "2026-01-10T00:00:00Z", "NOT_IN_FORCE"),
        ([agreed("m", "2026-01-01T00:00:00Z", MONTH)], "2026-01-10T00:00:00Z", "UNDETERMINED"),
        ([agreed("m", "2026-01-05T00:00:00Z", scope=["DATA_SHARING"])], "2026-01-10T00:00:00Z", "NOT_IN_FORCE"),
        ([agreed("m", "2026-01-05T00:00:00Z", scope=None)], "2026-01-10T00:00:00Z", "UNDETERMINED"),
        ([agreed("m", "2026-01-05T00:00:00Z", in_force_on_signature=False)], "2026-01-10T00:00:00Z", "NOT_IN_FORCE"),
        ([agreed("m", "2026-01-01T00:00:00Z", valid_to="2026-01-09")], "2026-01-10T00:00:00Z", "NOT_IN_FORCE"),
        (
            [
                agreed("m", "2025-12-01T00:00:00Z"),
                event("s", "AgreementSuspended", "agreement:m", "2026-01-09T17:00:00Z") | DAY,
            ],
            "2026-01-10T12:00:00Z",
            "NOT_IN_FORCE",
        ),
        (
            [
                agreed("m", "2025-12-01T00:00:00Z"),
                event("s", "AgreementSuspended", "agreement:m", "2025-12-31T17:00:00Z") | MONTH,
            ],
            "2026-01-10T12:00:00Z",
            "UNDETERMINED",
        ),
        (
            [
                agreed("m", "2025-12-01T00:00:00Z"),
                event("t", "AgreementTerminated", "agreement:m", "2026-01-01T00:00:00Z") | MONTH,
            ],
            "2026-01-10T00:00:00Z",
            "UNDETERMINED",
        ),
        (
            [event("n", "AgreementNegotiationOpened", "agreement:m", "2026-01-01T00:00:00Z", kind="MOU")],
            "2026-01-10T00:00:00Z",
            "NOT_IN_FORCE",
        ),
        ([], "2026-01-10T00:00:00Z", "UNDETERMINED"),
    ],
    ids=[
        "signed-before", "signed-after", "signed-in-the-month", "about-something-else", "scope-not-stated",
        "signed-not-in-force", "run-out", "suspended-that-day", "suspended-in-the-month", "terminated-in-the-month",
        "negotiated", "nothing-known",
    ],
)  # fmt: skip
async def test_a_referral_has_the_basis_that_its_agreement_was_at_that_time(
    desk: Desk, agreement: list[Event], referral: str, basis: str
) -> None:
    await desk.tell(*agreement, *referred("D", referral, "m"))
    assert await bases(desk) == {"D": basis}


async def test_a_referral_of_a_day_has_a_sure_basis_only_where_the_whole_day_has_it(desk: Desk) -> None:
    noon = "2026-01-10T05:00:00Z"
    await desk.tell(agreed("m", noon), *referred("D", "2026-01-09T17:00:00Z", "m", DAY))
    assert await bases(desk) == {"D": "UNDETERMINED"}
    assert await bases(desk, as_of="2026-01-10T04:00:00Z", certainty="POSSIBLE") == {"D": "NOT_IN_FORCE"}
    assert await bases(desk, as_of="2026-01-10T04:00:00Z") == {}


async def test_each_referral_of_a_dispute_is_an_item_and_one_without_an_agreement_has_no_basis(desk: Desk) -> None:
    declined = event("declined", "ReferralDeclined", "dispute:forum:D", "2026-01-11T00:00:00Z", reason="Not ours.")
    again = event("again", "DisputeReferred", "dispute:forum:D", "2026-01-12T00:00:00Z", to_party_id="party:bpkn")
    await desk.tell(agreed("m", "2026-01-05T00:00:00Z"), *referred("D", "2026-01-10T00:00:00Z", "m"), declined, again)
    whole = {"log": "shop", "subject": "dispute:forum:D", "dispute_state": "REFERRED", "forum": "forum"}
    countries = {"claimant_country": None, "respondent_country": None}
    assert (await desk.get("/v1/referrals"))["items"] == [
        whole
        | countries
        | {
            "to_party_id": KCA,
            "to": KCA,
            "agreement_id": "agreement:m",
            "agreement": "agreement:m",
            "agreement_basis": "IN_FORCE",
            "referred_at": "2026-01-10T00:00:00.000000Z",
            "referred_by": "referred-D",
            "accepted": False,
            "answered_at": "2026-01-11T00:00:00.000000Z",
            "reason": "Not ours.",
            "state": "DECLINED",
        },
        whole
        | countries
        | {
            "to_party_id": "party:bpkn",
            "to": "party:bpkn",
            "agreement": None,
            "agreement_basis": "NOT_IN_FORCE",
            "referred_at": "2026-01-12T00:00:00.000000Z",
            "referred_by": "again",
            "state": "REFERRED",
        },
    ]
    assert len((await desk.get("/v1/referrals", agreement_basis="NOT_IN_FORCE", to="party:bpkn"))["items"]) == 1
    assert (await desk.get("/v1/referrals", agreement="agreement:m", state="DECLINED", count="true"))["count"] == 1


async def test_an_answer_to_a_referral_that_nobody_told_of_has_a_basis_that_nobody_can_tell(desk: Desk) -> None:
    answered = event("answered", "ReferralAccepted", "dispute:forum:D", "2026-01-11T00:00:00Z", foreign_case_no="K-1")
    await desk.tell(answered)
    (item,) = (await desk.get("/v1/referrals"))["items"]
    assert (item["state"], item["foreign_case_no"], item["agreement_basis"]) == ("ACCEPTED", "K-1", "UNDETERMINED")


async def test_a_corrected_signature_changes_the_basis_for_those_who_know_of_it(desk: Desk) -> None:
    receipts = await desk.tell(agreed("m", "2026-01-01T00:00:00Z", MONTH), *referred("D", "2026-01-10T00:00:00Z", "m"))
    before = receipts[-1]["recordedtime"]
    await desk.tell(corrected("fix", "agreement:m", "signed-m", time="2026-01-05T00:00:00Z", timeprecision="INSTANT"))
    assert await bases(desk, known_at=before) == {"D": "UNDETERMINED"}
    assert await bases(desk) == {"D": "IN_FORCE"}
    assert await bases(desk, basis="SOURCE") == {"D": "IN_FORCE"}


async def test_an_agreement_of_the_register_is_a_basis_and_one_of_another_forum_is_not(desk: Desk) -> None:
    await desk.tell(*referred("D", "2026-01-10T00:00:00Z", "m"), log=OPEN)
    await desk.send(agreed("m", "2026-01-05T00:00:00Z"), log=RIVAL, who="other")
    assert await bases(desk, who="operator") == {"D": "UNDETERMINED"}
    gazette = await desk.service.create_log("gazette", "REGISTER", "UTC", None, "PUBLIC")
    read = desk.service.intake.read_array(msgspec.json.encode([agreed("m", "2026-01-05T00:00:00Z")]))
    await desk.service.appender.append(gazette, local_author(gazette), read)
    assert await bases(desk, who="operator") == {"D": "IN_FORCE"}


@pytest.fixture(scope="module")
async def forums(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk over the story's forums and the public record."""
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as opened:
        story = read_story()
        batches = [batch for batch in story.batches if batch.log in FORUMS]
        await tell(opened.service, msgspec.structs.replace(story, steps=batches))
        yield opened


async def test_the_story_knows_one_referral_without_an_agreement_once_the_signature_is_dated(forums: Desk) -> None:
    query = {"who": "operator", "tz": "Asia/Jakarta", "as_of": "2021-10-16"}
    assert await bases(forums, known_at="2021-09-11", **query) == {"D1": "UNDETERMINED", "D2": "UNDETERMINED"}
    assert await bases(forums, known_at="2021-09-30", **query) == {"D1": "IN_FORCE", "D2": "UNDETERMINED"}
    assert await bases(forums, known_at="2021-10-16", **query) == {"D1": "IN_FORCE", "D2": "NOT_IN_FORCE"}
    items = (await forums.get("/v1/referrals", agreement_basis="NOT_IN_FORCE", known_at="2021-10-16", **query))["items"]
    assert [item["subject"] for item in items] == ["dispute:kca:D2"]


async def test_answers_to_referrals_that_are_not_certain_yet_are_all_on_the_pages(desk: Desk) -> None:
    await desk.tell(
        *referred("D", "2026-01-09T17:00:00Z", precision=DAY),
        event("again", "DisputeReferred", "dispute:forum:D", "2026-01-09T17:00:00Z", to_party_id=KCA) | DAY,
        event("yes", "ReferralAccepted", "dispute:forum:D", "2026-01-10T10:00:00Z", foreign_case_no="1"),
        event("no", "ReferralDeclined", "dispute:forum:D", "2026-01-10T11:00:00Z", reason="R"),
    )
    noon = "2026-01-10T12:00:00Z"
    whole = (await desk.get("/v1/referrals", as_of=noon))["items"]
    page = await desk.get("/v1/referrals", as_of=noon, limit=1)
    rest = await desk.get("/v1/referrals", as_of=noon, limit=1, cursor=page["next"])
    assert [item["state"] for item in whole] == ["ACCEPTED", "DECLINED"]
    assert [*page["items"], *rest["items"]] == whole
