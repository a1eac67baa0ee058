"""What is submitted at the DSA paths is kept as it was said, and as the restrictions that it imposes."""

from collections import Counter
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from api.dsa.intake import Taken
from api.dsa.intake import submit as submit_to
from api.dsa.submission import read_submission
from ledger.domain.statement import statement_id, statement_subject, statement_uuid
from ledger.intake import Author
from ledger.store import read_clock
from tests.api.desk import RIVAL, SHOP, Desk, Event, Json, corrected, event, voided
from tests.api.statements_of_reasons import (
    END,
    ONE,
    WHO,
    read_back,
    real_statements,
    statement,
    submit,
    submit_many,
)
from tests.shared import needs_shared, shared_path

NEW, OLD = "2025-07-01", "2024-03-14"
SCHEMA = "dsa/statement_v2.schema.json"
ALWAYS = (
    "puid", "decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts",
    "source_type", "automated_detection", "automated_decision",
)  # fmt: skip
"""What every statement needs; what else it does depends on what it says."""
RENAMED = {"STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"}
REMOVED = "STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT"


def said(sent: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Return what is shown of the members that were sent; a puid is not shown."""
    return {name: shown[name] for name in sent if name != "puid"}


def required_of(schema: jsonschema_rs.Draft202012Validator, sent: dict[str, Any]) -> list[str]:
    """Return the members without which a statement is none by the database's own schema."""
    assert schema.is_valid(sent)
    return [name for name in sent if not schema.is_valid(without(sent, name))]


def without(sent: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a statement that lacks one of its members."""
    return {member: value for member, value in sent.items() if member != name}


async def size(desk: Desk) -> int:
    """Return how many entries the platform's log has."""
    return await desk.size(RIVAL)


@needs_shared
async def test_real_statements_are_accepted_and_read_back_equal_and_shown_as_restrictions(desk: Desk) -> None:
    sent = real_statements(NEW)
    created = [await submit(desk, one) for one in sent]
    shown = [await read_back(desk, response.json()["uuid"]) for response in created]
    await desk.follow()
    restrictions = await desk.get("/v1/restrictions", who=WHO, as_of=END, limit=1000)

    assert [response.status_code for response in created] == [201] * 50
    assert [said(one, back) for one, back in zip(sent, shown, strict=True)] == [without(one, "puid") for one in sent]
    assert [response.json()["puid"] for response in created] == [one["puid"] for one in sent]
    assert [{**back, "puid": one["puid"]} for one, back in zip(sent, shown, strict=True)] == [
        response.json() for response in created
    ]
    kinds = {"visibility": "BLOCKED", "service": "BANNED", "account": "BANNED"}
    expected = Counter(
        kinds[name]
        for one in sent
        for name in kinds
        if one.get({"service": "decision_provision"}.get(name, f"decision_{name}"))
    )
    assert Counter(item["kind"] for item in restrictions["items"]) == expected


@needs_shared
async def test_real_statements_are_refused_without_any_one_of_what_they_need(desk: Desk) -> None:
    sent = real_statements(NEW)
    schema = jsonschema_rs.Draft202012Validator(msgspec.json.decode(shared_path(SCHEMA).read_bytes()))
    tried = [(one, name) for one in sent for name in required_of(schema, one)]
    refused: list[tuple[int, bool]] = []
    for one, name in tried:
        response = await submit(desk, without(one, name))
        refused.append((response.status_code, name in response.json()["errors"]))

    assert {name for _, name in tried} >= {*ALWAYS, "decision_account", "content_type_other"}
    assert refused == [(422, True)] * len(tried)
    assert await size(desk) == 0


@needs_shared
async def test_old_statements_are_version_1_but_for_those_that_lack_their_facts(desk: Desk) -> None:
    sent = real_statements(OLD)
    created = [await submit(desk, one, version="1") for one in sent]
    answers = Counter((response.status_code, *response.json().get("errors", {})) for response in created)
    first = {response.json()["uuid"]: one for one, response in zip(sent, created, strict=True) if response.is_success}
    shown = [await read_back(desk, uuid) for uuid in first]
    entries = await desk.get(f"/v1/logs/{RIVAL}/events", who=WHO, type="StatementSubmitted", limit=1000)

    assert answers == {(201,): 47, (422, "puid"): 1, (422, "decision_facts"): 2}
    assert [said(one, back) for one, back in zip(first.values(), shown, strict=True)] == [
        {**without(one, "puid"), "category": in_codes_of_today(one["category"])} for one in first.values()
    ]
    assert [item["dataschema"] for item in entries["items"]] == ["/schemas/StatementSubmitted/1"] * 47
    assert [item["data"]["category"] for item in entries["items"]] == [one["category"] for one in first.values()]


def in_codes_of_today(category: str) -> str:
    """Return what a category of the old file is called now."""
    return f"X_{category}" if category == REMOVED else RENAMED.get(category, category)


async def test_a_statement_and_its_restrictions_are_one_commit(desk: Desk) -> None:
    await submit(desk, statement(decision_account="DECISION_ACCOUNT_SUSPENDED"))
    entries = (await desk.get(f"/v1/logs/{RIVAL}/events", who=WHO))["items"]

    assert [(entry["type"], entry["id"]) for entry in entries] == [
        ("StatementSubmitted", statement_id("TK421")),
        ("ListingBlocked", f"{statement_id('TK421')}:visibility"),
        ("SellerSuspended", f"{statement_id('TK421')}:account"),
    ]
    assert len({entry["recordedtime"] for entry in entries}) == 1


def own_event(log: str = RIVAL, puid: str = "TK421") -> Event:
    """Return a statement as our own path takes it."""
    subject = statement_subject(log, statement_uuid(log, puid))
    return {**event(statement_id(puid), "StatementSubmitted", subject), "data": statement(puid)}


async def test_our_own_path_answers_a_retry_with_the_first_receipt_and_knows_the_same_statements(desk: Desk) -> None:
    first = await desk.send(own_event(), log=RIVAL, who=WHO)
    again = await desk.send(own_event(), log=RIVAL, who=WHO)
    theirs = await submit(desk, statement())
    found = await desk.ask("GET", f"{ONE}/existing-puid/TK421", who=WHO)
    shown = await read_back(desk, str(statement_uuid(RIVAL, "TK421")))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipts"] == [{**first.json()["receipts"][0], "duplicate": True}]
    assert (theirs.status_code, theirs.json()["existing"]) == (422, {"puid": "TK421"})
    assert (found.status_code, found.headers.get("location")) == (302, None)
    assert shown["decision_facts"] == statement()["decision_facts"]


async def test_a_stream_has_one_statement_whatever_its_id(desk: Desk) -> None:
    await submit(desk, statement())
    response = await desk.send({**own_event(), "id": "another"}, log=RIVAL, who=WHO)

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/data/puid")
    assert (await submit(desk, statement("TK422"))).status_code == 201


async def test_what_is_corrected_reads_so_and_what_is_voided_is_gone_but_its_puid_stays_taken(desk: Desk) -> None:
    uuid = (await submit(desk, statement())).json()["uuid"]
    subject = statement_subject(RIVAL, statement_uuid(RIVAL, "TK421"))
    correction = corrected("fix", subject, statement_id("TK421"), data={"decision_facts": "seen anew"})
    await desk.send(correction, log=RIVAL, who=WHO)
    after = await read_back(desk, uuid)
    await desk.send(voided("void", subject, statement_id("TK421")), log=RIVAL, who=WHO)
    gone = await desk.ask("GET", f"{ONE}/{uuid}", who=WHO)

    assert after["decision_facts"] == "seen anew"
    assert (gone.status_code, gone.json()) == (404, {"message": "statement of reason not found"})
    assert (await submit(desk, statement())).status_code == 422


async def test_a_token_of_several_platforms_says_which(desk: Desk) -> None:
    undecided = await submit(desk, statement(), who="writer")
    decided = await submit(desk, statement(), who="writer", log=SHOP)
    others = await submit(desk, statement(), who="writer", log=RIVAL)
    operator = await submit(desk, statement(), who="operator", log=SHOP)

    assert (undecided.status_code, undecided.json()["errors"][0]["code"]) == (422, "log-needed")
    assert (decided.status_code, decided.json()["platform_name"]) == (201, SHOP)
    assert (others.status_code, operator.status_code) == (403, 403)


async def test_a_statement_of_another_platform_is_not_found(desk: Desk) -> None:
    uuid = (await submit(desk, statement())).json()["uuid"]

    assert (await desk.ask("GET", f"{ONE}/{uuid}", who="writer")).status_code == 404
    assert (await desk.ask("GET", f"{ONE}/existing-puid/TK421", who="writer", log=SHOP)).status_code == 404
    assert (await desk.ask("GET", f"{ONE}/not-a-uuid", who=WHO)).status_code == 404
    assert (await desk.ask("GET", f"{ONE}/{uuid}", who="operator")).json()["platform_name"] == RIVAL


@pytest.mark.parametrize("facts", ["enc:v1:abc", "a\0b"])
async def test_what_the_ledger_alone_refuses_is_told_by_field_and_nothing_is_stored(desk: Desk, facts: str) -> None:
    one = await submit(desk, statement(decision_facts=facts))
    many = await submit_many(desk, [statement("a"), statement("b", decision_facts=facts)])

    assert (one.status_code, list(one.json()["errors"])) == (422, ["decision_facts"])
    assert (many.status_code, {name: list(of) for name, of in many.json()["errors"].items()}) == (
        422,
        {"statement_1": ["decision_facts"]},
    )
    assert await size(desk) == 0


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (None, "The statements field is required."),
        ({"statements": []}, "The statements field is required."),
        ({"statements": "all"}, "The statements field must be an array."),
        ({"statements": [None] * 101}, "The statements field must have between 1 and 100 items."),
    ],
)
async def test_a_request_of_many_has_one_to_a_hundred(desk: Desk, sent: Json, message: str) -> None:
    response = await submit(desk, sent, f"{ONE}s")

    assert (response.status_code, response.json()) == (422, {"message": message, "errors": {"statements": [message]}})


async def test_a_body_that_is_no_json_lacks_every_field(desk: Desk) -> None:
    response = await desk.ask("POST", ONE, who=WHO, content=b"{")

    assert response.status_code == 422
    assert response.json()["message"] == (
        "The decision visibility field is required when none of decision monetary / decision provision / decision "
        "account are present. (and 13 more errors)"
    )
    assert msgspec.json.encode(response.json()) == (await submit(desk, {})).content


async def test_the_same_statement_at_the_same_instant_is_taken_too(desk: Desk) -> None:
    log = await desk.service.find_log(RIVAL)
    now = await read_clock(desk.service.database.pool("reader"))
    author = Author(authid="test", authrole="PLATFORM_WRITER")
    submissions = [read_submission(statement(), 2)]
    await submit_to(desk.service, log, author, submissions, now)

    with pytest.raises(Taken) as taken:
        await submit_to(desk.service, log, author, submissions, now)
    assert taken.value.puids == ["TK421"]
