"""Who takes part in a case, and does not read the log that holds it: what of it they see (domain.md 3)."""

import pytest

from ledger.rights import Role
from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.desk import SHOP, Desk, Event, Json, event, filed
from tests.api.storied import tell_story
from tests.shared import needs_shared

D4 = "dispute:bpkn:D4"
AGREED = "agreement:ours-theirs"
FORUM = "forum"


async def let(desk: Desk, name: str, role: Role, *logs: str, **given: Json) -> None:
    """Add a token of a role to the desk's, under a name."""
    token = await create_token(desk.service.database.pool("keeper"), role, logs, None, Grant(role=role, **given))
    desk.tokens = {**desk.tokens, name: token}


@needs_shared
async def test_kca_reads_issue_and_amount_of_d4_and_not_the_name_and_ukicc_reads_nothing(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await tell_story(desk, "public-record", "bpkn")
    await let(desk, "kca", "PARTNER_AGENCY", "bpkn", party="party:kca")
    await let(desk, "ukicc", "PARTNER_AGENCY", "bpkn", party="party:ukicc")
    amount = {"amount_minor": 4500000, "currency": "IDR"}
    state = (await desk.get("/v1/subject", who="kca", subject=D4))["items"]
    assert state == [
        {"log": "bpkn", "kind": "dispute", "subject": D4, "state": {"issue": "NOT_AS_DESCRIBED", "amount": amount}}
    ]
    events = (await desk.get("/v1/logs/bpkn/events", who="kca", subject=D4))["items"]
    assert [(one["type"], one["data"]) for one in events] == [
        ("DisputeFiled", {"issue": "NOT_AS_DESCRIBED", "amount": amount}),
        ("DisputeReferred", {}),
    ]
    shown = await desk.ask("GET", "/v1/logs/bpkn/events/d4-f", who="kca")
    assert shown.json() == events[0]
    for text in (shown.text, str(events), str(state)):
        assert ("Claimant" in text, "MASKED" in text, "enc:" in text, "salt" in text) == (False,) * 4
    for path, missing in (
        ("/v1/subject?subject={}", ("dispute:bpkn:D9", D4)),
        ("/v1/subject/history?subject={}", ("dispute:bpkn:D9", D4)),
        ("/v1/subject/timeline?subject={}", ("dispute:bpkn:D9", D4)),
        ("/v1/logs/bpkn/events?subject={}", ("dispute:bpkn:D9", D4)),
        ("/v1/logs/bpkn/events/{}", ("d9-f", "d4-f")),
    ):
        there, other = [await desk.ask("GET", path.format(name), who="ukicc") for name in missing]
        assert (other.status_code, other.text.replace(missing[1], missing[0])) == (404, there.text)


@pytest.fixture
async def forum(desk: Desk) -> Desk:
    """Return a desk with a forum's log in which dispute D1 is referred to party:theirs, one of the three that agreed.

    The agreement is in force.
    """
    await desk.service.create_log(FORUM, "FORUM", "Asia/Jakarta", "ID", "CONFIDENTIAL")
    await desk.service.create_log("laws", "REGISTER", "Asia/Jakarta", "ID", "PUBLIC")
    await let(desk, "agency", "CONSUMER_AGENCY", FORUM, "laws")
    await let(desk, "theirs", "PARTNER_AGENCY", FORUM, party="party:theirs")
    await let(desk, "third", "PARTNER_AGENCY", FORUM, party="party:third")
    parties = ["party:ours", "party:theirs", "party:third"]
    signed = event("signed", "AgreementSigned", AGREED, kind="MOU", parties=parties, in_force_on_signature=True)
    await tell(desk, "laws", signed)
    await tell(desk, FORUM, filed("D1", issue="DEFECTIVE"), referred("D1"), filed("D2", issue="DEFECTIVE"))
    return desk


async def tell(desk: Desk, log: str, *events: Event) -> None:
    """Append an agency's events that must be accepted."""
    response = await desk.send(events, log=log, who="agency")
    assert response.status_code == 201, response.text


def referred(name: str, *fields: str, number: int = 1) -> Event:
    """Return that a dispute was referred to party:theirs, with these members; the issue, if none is named."""
    data: Json = {"to_party_id": "party:theirs", "agreement_id": AGREED, "fields_shared": fields or ["issue"]}
    return event(f"ref-{name}-{number}", "DisputeReferred", f"dispute:forum:{name}", **data)


async def seen(desk: Desk, name: str = "D1", who: str = "theirs") -> Json:
    """Return the state of a dispute as somebody sees it, or the status of the refusal."""
    response = await desk.ask("GET", "/v1/subject", who=who, subject=f"dispute:forum:{name}")
    return response.json()["items"][0]["state"] if response.is_success else response.status_code


async def test_only_what_is_referred_is_seen(forum: Desk) -> None:
    assert [await seen(forum, name) for name in ("D1", "D2")] == [{"issue": "DEFECTIVE"}, 404]


async def test_a_partner_of_the_same_agreement_sees_nothing_of_what_is_referred_to_another(forum: Desk) -> None:
    assert await seen(forum, who="third") == 404
    path = f"/v1/logs/{FORUM}/events"
    answers = [
        await forum.ask("GET", f"{path}{rest}", who="third") for rest in ("?subject=dispute:forum:D1", "/ref-D1-1")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    answer = event("yes", "ReferralAccepted", "dispute:forum:D1", foreign_case_no="T-1")
    assert (await forum.send(answer, log=FORUM, who="third")).status_code == 403


async def test_who_sees_certain_members_of_a_case_gets_no_pack_of_its_whole_entries(forum: Desk) -> None:
    answers = [
        await forum.ask("GET", "/v1/packs", who="theirs", log=FORUM, subject=f"dispute:forum:{name}")
        for name in ("D1", "D2")
    ]
    assert [answer.status_code for answer in answers] == [403, 404]
    assert "whole entries" in answers[0].json()["detail"]


@pytest.mark.parametrize(
    ("ending", "data"),
    [("AgreementSuspended", {"reason": "review"}), ("AgreementTerminated", {"reason": "over"})],
)
async def test_nothing_is_seen_once_the_agreement_is_not_in_force(forum: Desk, ending: str, data: Json) -> None:
    await tell(forum, "laws", event("ended", ending, AGREED, "2026-01-11T00:00:00Z", **data))
    assert await seen(forum) == 404


async def test_the_data_clause_of_the_agreement_bounds_what_a_referral_shares(forum: Desk) -> None:
    clause = event("clause", "AgreementAmended", AGREED, "2026-01-11T00:00:00Z", data_clause=["claimant_kind"])
    await tell(forum, FORUM, referred("D1", "issue", "claimant_kind", number=2))
    assert await seen(forum) == {"issue": "DEFECTIVE", "claimant_kind": "CONSUMER"}
    await tell(forum, "laws", clause)
    assert await seen(forum) == {"claimant_kind": "CONSUMER"}


async def test_a_partner_answers_what_is_referred_to_it_and_sees_no_more_of_what_it_declines(
    forum: Desk,
) -> None:
    declined = [event(f"no-{n}", "ReferralDeclined", f"dispute:forum:{n}", reason="none") for n in ("D2", "D1")]
    refused, done = [await forum.send(one, log=FORUM, who="theirs") for one in declined]
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/subject")
    assert (done.status_code, await seen(forum)) == (201, 404)


async def test_a_case_reader_asks_for_cases_and_for_nothing_about_a_log(forum: Desk) -> None:
    await let(forum, "court", "COURT", FORUM, subjects=("dispute:forum:D2",))
    assert (await seen(forum, "D2", "court"))["issue"] == "DEFECTIVE"
    case = {"who": "court", "subject": "dispute:forum:D2"}
    for path in ("/v1/subject/history", "/v1/subject/timeline", f"/v1/logs/{FORUM}/events"):
        assert [one["subject"] for one in (await forum.get(path, **case))["items"]] == ["dispute:forum:D2"]
    assert await seen(forum, "D1", "court") == 404
    for path in (f"/v1/logs/{FORUM}", f"/v1/logs/{FORUM}/events", f"/v1/disputes?log={FORUM}", f"/v1/flags?log={FORUM}",
                 f"/v1/logs/{FORUM}/stream", f"/v1/logs/{FORUM}/events/filed-D2/entry"):  # fmt: skip
        response = await forum.ask("GET", path, who="court")
        assert (path, response.status_code) == (path, 403)


async def test_a_right_holder_sees_the_cases_of_its_own_notices(desk: Desk) -> None:
    await let(desk, "brand", "RIGHTS_HOLDER", SHOP, party="party:brand")
    notices = [
        event(f"n-{name}", "NoticeReceived", f"takedown_case:shop:{name}", notifier_party_id=f"party:{name}", items=[])
        for name in ("brand", "rival")
    ]
    await desk.tell(*notices)
    states = [
        await desk.ask("GET", "/v1/subject", who="brand", subject=f"takedown_case:shop:{name}")
        for name in ("brand", "rival", "nobody")
    ]
    assert [state.status_code for state in states] == [200, 404, 404]
    withdrawn = [
        event(f"w-{name}", "NoticeWithdrawn", f"takedown_case:shop:{name}", item_nos=[1]) for name in ("rival", "brand")
    ]
    answers = [await desk.send(one, who="brand") for one in withdrawn]
    assert [answer.status_code for answer in answers] == [403, 201]


async def test_a_secretariat_sees_its_own_body_and_members(desk: Desk) -> None:
    await let(desk, "alliance", "ALLIANCE_SECRETARIAT", SHOP, party="body:aaca")
    for body in ("aaca", "other"):
        await desk.tell(event(f"m-{body}", "MembershipAdmitted", f"membership:{body}:1", party_id="party:p", tier="T",
                              body_id=f"body:{body}"))  # fmt: skip
    seen = [
        (await desk.ask("GET", "/v1/subject", who="alliance", subject=f"membership:{body}:1")).status_code
        for body in ("aaca", "other")
    ]
    assert seen == [200, 404]
