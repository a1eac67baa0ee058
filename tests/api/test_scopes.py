"""What of the ledger a token sees: by its logs, its jurisdictions, its mandate and its window; nothing else."""

import pytest
from msgspec.json import encode

from ledger.domain.instants import parse_instant
from ledger.errors import InputError
from ledger.rights import Role
from ledger.scopes import Grant, check_grant
from ledger.tokens import create_token
from tests.api.asking import record
from tests.api.desk import CLOUDEVENTS, OPEN, RIVAL, SHOP, Desk, Json, block, event, published, reinstated
from tests.api.test_cases import let

NAMED: dict[str, Json] = {"subjects": ("dispute:forum:D1",)}


async def logs_of(desk: Desk, who: str) -> list[str]:
    """Return the logs that somebody is told of."""
    return [log["slug"] for log in (await desk.get("/v1/logs", who=who))["items"]]


async def test_a_regulator_reads_all_logs_of_its_jurisdiction_in_one_question(desk: Desk) -> None:
    await desk.tell(published("L1"))
    await desk.tell(published("L2"), log=OPEN)
    await let(desk, "here", "REGULATOR", jurisdictions=("ID",))
    await let(desk, "there", "REGULATOR", jurisdictions=("GB", "FR"))
    assert [await logs_of(desk, who) for who in ("here", "there")] == [[RIVAL, SHOP], [OPEN]]
    listed = [[one["log"] for one in (await desk.get("/v1/listings", who=who))["items"]] for who in ("here", "there")]
    assert listed == [[SHOP], [OPEN]]
    response = await desk.ask("GET", "/v1/listings", who="there", log=SHOP)
    assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden")


async def test_the_public_reads_public_logs_and_a_platform_never_the_audit_log(desk: Desk) -> None:
    await desk.service.create_log("audit", "AUDIT", "UTC", None, "RESTRICTED")
    await let(desk, "press", "RESEARCHER")
    await let(desk, "curious", "PLATFORM_WRITER", SHOP, "audit")
    await let(desk, "auditor", "AUDITOR", "audit")
    assert [await logs_of(desk, who) for who in ("press", "curious", "auditor")] == [[OPEN], [SHOP], ["audit"]]


async def test_a_task_force_sees_what_its_bodys_mandate_reaches_while_it_has_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.gate.CACHE_SECONDS", 0.0)  # what a token may is read anew each time
    await desk.service.create_log("laws", "REGISTER", "Asia/Jakarta", "ID", "PUBLIC")

    async def told(*events: Json) -> list[str]:
        response = await desk.append(encode(list(events)), "laws", CLOUDEVENTS)
        assert response.status_code == 201, response.text
        return await logs_of(desk, "force")

    await let(desk, "force", "TASK_FORCE", jurisdictions=("ID", "GB"), party="body:force")
    body: Json = {"kind": "TASK_FORCE"}
    mandate: Json = {"objectives": ["o"], "powers": ["p"], "members": []}
    assert await logs_of(desk, "force") == []
    announced = event("e1", "BodyAnnounced", "body:force", **body)
    assert await told(announced, event("e2", "BodyMandateAdopted", "body:force", **mandate)) == []
    assert await told(event("e3", "BodyEstablished", "body:force", **body)) == ["laws", OPEN, RIVAL, SHOP]
    only = {**mandate, "territorial_scope": ["GB"]}
    assert await told(event("e4", "BodyMandateAdopted", "body:force", "2026-01-11T00:00:00Z", **only)) == [OPEN]
    assert await told(event("e5", "BodyDissolved", "body:force", "2026-01-12T00:00:00Z")) == []


async def test_an_auditor_is_answered_of_what_was_known_within_its_window(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(desk, "01-05", published("L1"))
    await record(desk, "01-11", block("L1", "R1"))
    await record(desk, "01-20", reinstated("L1", "R1"))
    window = {"window_from": parse_instant("2026-01-10T00:00:00Z"), "window_to": parse_instant("2026-01-15T00:00:00Z")}
    await let(desk, "auditor", "AUDITOR", SHOP, **window)
    shown = (await desk.get(f"/v1/logs/{SHOP}/events", who="auditor"))["items"]
    assert [one["id"] for one in shown] == ["block-L1-R1"]
    years = {"recorded_from": "2025-01-01T00:00:00Z", "recorded_to": "2027-01-01T00:00:00Z"}
    wider = await desk.get("/v1/events", who="auditor", **years)
    assert [one["id"] for one in wider["items"]] == ["block-L1-R1"]
    statuses = [
        (await desk.ask("GET", f"/v1/logs/{SHOP}/events/{name}", who="auditor")).status_code
        for name in ("pub-L1", "block-L1-R1", "lift-L1-R1")
    ]
    assert statuses == [404, 200, 404]
    question: Json = {"who": "auditor", "as_of": "2026-02-01", "subject": "listing:shop:L1"}
    for path in ("/v1/restrictions", "/v1/subject", "/v1/subject/timeline"):
        answer = await desk.get(path, **question)
        assert (answer["logs"][SHOP]["size"], answer["known_at"]) == (2, "2026-01-14T23:59:59.999999Z")
    bad: Json
    for bad in ({"known_at": "2026-01-21"}, {"known_at": "2026-01-04"}, {"size": f"{SHOP}:3"}, {"size": f"{SHOP}:0"}):
        for view in ("restrictions", "flags"):
            response = await desk.ask("GET", f"/v1/{view}", log=SHOP, **question, **bad)
            assert (bad, response.status_code) == (bad, 403)
    exported = await desk.ask("GET", f"/v1/logs/{SHOP}/export", who="auditor")
    assert ("block-L1-R1" in exported.text, "pub-L1" in exported.text) == (True, False)
    assert (await desk.ask("GET", f"/v1/logs/{SHOP}/events/block-L1-R1/entry", who="auditor")).status_code == 403


@pytest.mark.parametrize(
    ("role", "given", "reason"),
    [
        ("PLATFORM_WRITER", {}, "name at least one"),
        ("REGULATOR", {}, "jurisdiction or for logs"),
        ("COURT", {"logs": ("shop",)}, "name at least one subject"),
        ("PARTNER_AGENCY", {"logs": ("shop",)}, "name it as party:"),
        ("PARTNER_AGENCY", {"logs": ("shop",), "party": "body:kca"}, "is named as party:"),
        ("PLATFORM_WRITER", {"logs": ("shop",), "party": "party:x"}, "stands for nobody"),
        ("PLATFORM_WRITER", {"logs": ("shop",), "jurisdictions": ("ID",)}, "has no jurisdiction"),
        ("PLATFORM_WRITER", {"logs": ("shop",), **NAMED}, "not for named subjects"),
        ("REGULATOR", {"logs": ("shop",), "window_to": parse_instant("2026-01-01T00:00:00Z")}, "has no window"),
    ],
)
def test_a_grant_that_lacks_something_or_means_nothing_is_refused(role: Role, given: Json, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        check_grant(Grant(role=role, **given))


async def test_a_token_for_a_subject_of_no_kind_or_a_log_that_is_not_there_is_not_made(desk: Desk) -> None:
    keeper = desk.service.database.pool("keeper")
    with pytest.raises(InputError, match="is no subject"):
        await create_token(keeper, "COURT", [SHOP], None, Grant(role="COURT", subjects=("case:1",)))
    with pytest.raises(InputError, match="there is no log"):
        await create_token(keeper, "COURT", ["none"], None, Grant(role="COURT", **NAMED))
