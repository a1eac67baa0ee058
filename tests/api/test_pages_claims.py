"""The pages of claims: what was said, how it is read, the verdict at a moment, and its record in the audit log."""

from collections.abc import AsyncGenerator

import pytest

from api.audit import SLUG
from ledger.server.embedded import EmbeddedServer
from tests.api.asking import day, on, record
from tests.api.desk import SHOP, Desk, Event, event, open_desk, published, registered, voided
from tests.api.page import sent, shown
from tests.api.test_claim_evaluations import CLAIM, VERIFIED, attached, verified
from tests.conftest import copied_database

PAGE = "/workbench/claims"
PATH = f"{PAGE}?patient=true&claim={CLAIM}"
"""The page of the claim, whose verdicts are waited for."""
TIMES = "as_of=2026-01-10&known_at=2026-01-20&tz=Asia/Jakarta"
OTHER = "claim:shop:goods"
SAID: Event = {
    "statement": "All sellers are verified",
    "speaker_party_id": "party:shop",
    "attribution": "DIRECT_QUOTE",
    "reference_time": "2026-01-09",
}
GOODS: Event = {"statement": "No goods from abroad", "reference_time": "2025"}


@pytest.fixture(scope="module")
async def claimed(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk with a claim and a reading of it, two verified sellers, and one that was found not to be."""
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as desk:
        await record(
            desk,
            "01-15",
            *(registered(name, country="ID") for name in ("A", "B")),
            *(verified(name) for name in ("A", "B")),
            event("said", "ClaimPublished", CLAIM, on("01-10"), **SAID),
            event("doubt", "ClaimDisputed", CLAIM, on("01-11"), by="party:us", disputed_field="value", value="90 %"),
            attached("P", VERIFIED, size_claimed=1000, author="party:us"),
            event("goods", "ClaimPublished", OTHER, on("01-10"), **{**SAID, **GOODS}),
            published("L1"),
        )
        await record(desk, "01-25", voided("forged", "seller:shop:B", "ver-B"))
        yield desk


async def evaluations(desk: Desk) -> list[object]:
    """Return what the API knows to be recorded of the claim, by log."""
    items = (await desk.get("/v1/claims", who="operator", subject=CLAIM, tz="Asia/Jakarta"))["items"]
    return [item.get("evaluations") for item in items]


async def test_every_claim_is_listed_by_what_was_said(claimed: Desk) -> None:
    page = await shown(claimed, PAGE, zone="Asia/Jakarta")
    assert page.status == 200
    assert "All sellers are verified claim:shop:all party:shop 10 Jan 2026, 09:00:00 WIB DISPUTED 1" in page.text
    assert "No goods from abroad claim:shop:goods party:shop 10 Jan 2026, 09:00:00 WIB PUBLISHED 0" in page.text
    assert {f"{PAGE}?claim=claim%3Ashop%3Aall", "/v1/claims?tz=Asia/Jakarta&limit=50"} <= page.links


async def test_a_claim_is_shown_with_its_readings_and_who_disputes_it(claimed: Desk) -> None:
    page = await shown(claimed, f"{PATH}&{TIMES}", zone="Asia/Jakarta")
    for said in (
        "Speaks of 2026-01-09",
        "Disputed 11 Jan 2026, 09:00:00 WIB , party:us : value = 90 % doubt",
        "LITERAL P party:us SELLER ACTIVE in log shop 1,000",
        '"field": "verification"',
    ):
        assert said in page.text
    assert f"{PAGE}?as_of=2026-01-09&known_at=2026-01-09&tz=Asia/Jakarta&claim={CLAIM}" in page.links


async def test_the_verdict_turns_with_what_became_known(claimed: Desk) -> None:
    early = await shown(claimed, f"{PATH}&{TIMES}")
    assert "NOT_FALSIFIED Nobody who was asked contradicts it" in early.text
    assert "2 asked 0 contradict it 0 cannot be told 0.2% of the 1,000 claimed were asked" in early.text
    late = await shown(claimed, f"{PATH}&{TIMES.replace('01-20', '01-26')}")
    assert "FALSIFIED At least one contradicts it. 2 asked 1 contradict it" in late.text
    assert "seller:shop:B contradicts it" in late.text
    (call,) = [link for link in late.links if link.startswith("/v1/reports/claim-dossier?")]
    (reading,) = (await claimed.get(call))["sections"]["readings"]
    assert (reading["verdict"], reading["population_n"], reading["counterexamples_n"]) == ("FALSIFIED", 2, 1)


async def test_a_verdict_is_recorded_by_its_form_and_stands_among_those_recorded(claimed: Desk) -> None:
    fields = {"claim": CLAIM, "log": SHOP, "predicate_id": "P", "as_of": day("01-10"), "tz": "Asia/Jakarta"}
    answer = await sent(claimed, PAGE, "operator", **fields, known_at=day("01-20"))
    assert answer.status == 303
    assert answer.leads is not None
    assert answer.leads.startswith(
        f"{PAGE}?claim={CLAIM}&as_of=2026-01-10&known_at=2026-01-20&tz=Asia/Jakarta&recorded="
    )
    await claimed.follow()
    page = await shown(claimed, answer.leads, who="operator", zone="Asia/Jakarta")
    recorded = answer.leads.partition("recorded=")[2].partition("&")[0]
    row = "20 Jan 2026, 23:59:59 WIB 10 Jan 2026, 23:59:59 WIB P NOT_FALSIFIED 2 0"
    assert f"Recorded as {recorded}" in page.text
    assert row in page.text
    assert f"/workbench/events/{SLUG}/{recorded}" in page.links
    assert row not in (await shown(claimed, PATH, zone="Asia/Jakarta")).text  # the audit log is not the platform's


async def test_a_form_without_the_browser_s_secret_records_nothing(claimed: Desk) -> None:
    fields = {"claim": CLAIM, "predicate_id": "P", "as_of": day("01-10"), "tz": "Asia/Jakarta"}
    before = await evaluations(claimed)
    for secret in (None, "of-another-browser"):
        assert (await sent(claimed, PAGE, "operator", secret, **fields)).status == 403
    await claimed.follow()
    assert await evaluations(claimed) == before


async def test_what_cannot_be_evaluated_is_said(claimed: Desk) -> None:
    answer = await sent(claimed, PAGE, "operator", claim=CLAIM, predicate_id="NONE", tz="Asia/Jakarta")
    assert answer.status == 422
    assert "the claim has no such predicate" in answer.text


async def test_of_a_claim_without_readings_the_goods_of_its_day_can_be_looked_up(claimed: Desk) -> None:
    page = await shown(claimed, f"{PAGE}?claim={OTHER}")
    assert "Nobody has written down yet how this claim is to be checked." in page.text
    assert {("visible", "true"), ("as_of", "2026-01-10"), ("country", "ID")} <= page.fields
    assert "The verdict, over time" not in page.text


async def test_a_reader_of_another_log_sees_no_claim_of_it(claimed: Desk) -> None:
    assert "No claim is known." in (await shown(claimed, PAGE, who="other")).text
    page = await shown(claimed, PATH, who="other")
    assert "Nothing is known of claim:shop:all" in page.text
    assert "All sellers are verified" not in page.text


async def test_it_speaks_indonesian(claimed: Desk) -> None:
    page = await shown(claimed, f"{PATH}&{TIMES}", language="id")
    for said in ("Sebuah klaim, diuji dengan buku besar", "Tidak satu pun yang ditanya membantahnya", "2 ditanya"):
        assert said in page.text
