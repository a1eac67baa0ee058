"""The map of policy in a browser: a closure that is chosen, and what stands against it as the times are changed."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.reading import Reader, short_ids
from tests.browser.test_stories import ANSWERS, FINDINGS

AKAR, TEXTILE = "policy:lazada-id:akar", "akar-textile_fashion"


async def standing(reader: Reader, *rules: str, **asked: str) -> list[list[str]]:
    """Return the listings against rules, all of them without any, and those of which that cannot be said."""
    await reader.ask(**asked)
    found: dict[str, list[str]] = {finding: [] for finding in FINDINGS}
    for row in await reader.rows("#standing table"):
        if not rules or row["Rule"] in rules:
            found[row["Finding"].split()[0]] += [subject.strip() for subject in row["Which"].split(",")]
    return [short_ids(found[finding]) for finding in FINDINGS]


async def answered(reader: Reader) -> list[list[str]]:
    """Return the same as the API answers the call below the table."""
    (link,) = await reader.links("#standing")
    items: list[dict[str, Any]] = (await reader.answer(link))["items"]
    return [short_ids([one["subject"] for one in items if one["status"] == finding]) for finding in FINDINGS]


async def test_a_closure_is_chosen_and_what_is_visible_against_it_changes_in_place_with_what_was_known(
    page: Page,
) -> None:
    reader = Reader(page)
    await page.goto("/workbench/policies")
    await page.evaluate("window.sameDocument = true")
    first = await standing(reader, TEXTILE, policy=AKAR, as_of="2021-09-01", known_at="2021-09-02")
    assert first == ANSWERS["A16"]
    assert await standing(reader, TEXTILE, known_at="2021-10-01") == ANSWERS["A17"]
    assert await standing(reader) == await answered(reader) == ANSWERS["A18"]
    july = [await standing(reader, TEXTILE, as_of="2021-07-15", known_at=f"2021-08-0{day}") for day in (4, 6)]
    assert july == ANSWERS["A19"]
    assert await page.evaluate("window.sameDocument") is True


async def test_the_story_of_the_closure_is_one_click_from_the_map_and_leads_to_its_events(page: Page) -> None:
    reader = Reader(page)
    await page.goto("/workbench/policies")
    await reader.click(AKAR, within="#closure")
    steps = page.locator("#closure li")
    await expect(steps.first).to_contain_text("Rule in force akar-craft")
    await expect(steps.first).to_contain_text("306 days after it took effect")
    await page.locator("#closure").get_by_role("link", name="akar-ann", exact=True).click()
    await page.wait_for_url("**/workbench/events/lazada-id/akar-ann")


async def test_the_bars_of_the_map_are_the_rules_of_its_table(page: Page) -> None:
    reader = Reader(page)
    await page.goto("/workbench/policies?as_of=2021-03-01&known_at=2021-08-06&policy=policy:lazada-id:akar")
    rows = await reader.rows("#map table")
    assert [row["Rule"].split()[0] for row in rows] == ["akar-craft", "akar-culinary"]
    assert await page.locator("#map svg rect").count() == len(rows)
