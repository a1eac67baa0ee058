"""The map of policy: rules in force, what is visible against them, listing-days by month, the story of a closure."""

from collections.abc import AsyncGenerator

import pytest

from ledger.server.embedded import EmbeddedServer
from tests.api.asking import on, record
from tests.api.desk import SHOP, Desk, Event, block, corrected, event, open_desk, published
from tests.api.page import shown
from tests.api.test_report_sections import POLICY, prohibited
from tests.conftest import copied_database

PAGE = "/workbench/policies"
PATH = f"{PAGE}?patient=true"
"""The page, whose parts are waited for."""
TEXTILE: Event = {"cluster": "TEXTILE", "destination_countries": ["ID"], "ship_from_country": "CN"}
ASKED = "as_of=2026-02-03&known_at=2026-02-10&tz=Asia/Jakarta"


@pytest.fixture(scope="module")
async def closed(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk with a rule corrected from 15 January to 5 January, three listings, one of them blocked late."""
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as desk:
        await record(
            desk,
            "01-20",
            event("said", "PolicyAnnounced", POLICY, on("01-10"), kind="PLATFORM_PROGRAMME", title="Closed to imports"),
            prohibited("textile", "TEXTILE", on("01-15", 0)),
            published("L1", on("01-08"), **TEXTILE),
            published("L2", on("01-08"), **TEXTILE),
            published("L3", on("01-08"), **{**TEXTILE, "ship_from_country": None}),
        )
        await record(desk, "01-25", corrected("fix", POLICY, "rule-textile", time=on("01-05", 0)))
        await record(desk, "02-05", block("L1", "R", on("01-10")))
        yield desk


async def test_it_says_which_rules_hold_and_which_listings_stand_against_them(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}", who="operator", zone="Asia/Jakarta")
    assert page.status == 200
    for said in (
        "Rules and versions: 1, of policies: 1, as of 3 Feb 2026, 23:59:59 WIB",
        "textile version 1 such goods must not be visible policy:shop:akar Closed to imports 5 Jan 2026, 00:00:00 WIB",
        "textile VIOLATING against the rule 1 listing:shop:L2 in the list",
        "textile UNDETERMINED cannot be said: something about it is not known 1 listing:shop:L3",
        "textile TEXTILE VIOLATING 2 30",
    ):
        assert said in page.text
    listed = f"/workbench/lists/breaches?{ASKED}&log={SHOP}&rule=textile&status=VIOLATING"
    assert {listed, "/workbench/events/shop/rule-textile", f"{PAGE}?{ASKED}&policy={POLICY}"} <= page.links


async def test_what_was_known_before_the_block_was_recorded_is_shown_as_it_was(closed: Desk) -> None:
    early = ASKED.replace("known_at=2026-02-10", "known_at=2026-02-04")
    page = await shown(closed, f"{PATH}&{early}", who="operator", zone="Asia/Jakarta")
    assert "textile VIOLATING against the rule 2 listing:shop:L1 , listing:shop:L2" in page.text
    assert "textile TEXTILE VIOLATING 2 54" in page.text


async def test_listing_days_stand_by_month_and_in_the_period_alone_that_is_asked(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}", who="operator")
    assert "2026-01 textile VIOLATING 2 27" in page.text
    assert "2026-02 textile VIOLATING 1 3" in page.text
    assert "Listing-days against each rule by month." in page.text
    february = await shown(closed, f"{PATH}&{ASKED}&from=2026-02-01", who="operator")
    assert "2026-01 textile" not in february.text
    assert "textile TEXTILE VIOLATING 1 3" in february.text


async def test_the_story_of_a_closure_says_the_steps_the_days_between_and_what_was_known_late(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}&policy={POLICY}", who="operator", zone="Asia/Jakarta")
    story = page.text.partition("The story of a closure")[2]
    assert story.startswith(
        " What was announced, came into force, was enforced and reviewed, in the order in which it took effect, and"
        " when the ledger learned of it."
        " Rule in force textile 5 Jan 2026, 00:00:00 WIB recorded 20 Jan 2026, 23:00:00 WIB"
        " 15 days after it took effect Event rule-textile , corrected by fix 5 days later Announced"
        " 10 Jan 2026, 09:00:00 WIB recorded 20 Jan 2026, 23:00:00 WIB"
        " 10 days after it took effect Event said The same from the API"
    )


async def test_every_answer_is_had_by_the_link_below_it(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}&policy={POLICY}", who="operator")
    calls = sorted(link for link in page.links if link.startswith("/v1/"))
    assert [link.partition("?")[0] for link in calls] == [
        "/v1/breaches",
        "/v1/policies",
        "/v1/reports/policy-compliance",
        "/v1/subject/timeline",
    ]
    for link in calls:
        await closed.get(link, who="operator")


async def test_a_reader_of_another_log_sees_no_rule_of_it(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}", who="other")
    assert "No rule is known at these times." in page.text
    assert "textile" not in page.text


async def test_a_date_that_is_none_is_said(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&as_of=yesterday", who="operator")
    assert (page.status, "This cannot be shown" in page.text, "as_of:" in page.text) == (422, True, True)


async def test_it_speaks_indonesian(closed: Desk) -> None:
    page = await shown(closed, f"{PATH}&{ASKED}&policy={POLICY}", who="operator", language="id")
    for said in ("Kebijakan", "Aturan yang berlaku sepanjang waktu", "melanggar aturan", "Hari-tawaran", "Diumumkan"):
        assert said in page.text
