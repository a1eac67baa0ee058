"""Everybody can use every page: axe-core finds no violation in either theme, and the keyboard alone suffices."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.browser.browsing import Visit
from tests.browser.pages import EACH, PAGES, UNKNOWN

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 at levels A and AA, and what the makers of axe-core hold for good beside it."""
OF_COLORS = ["color-contrast", "link-in-text-block"]
"""The rules of those that a theme can change the outcome of."""
WITHIN_STOPS = 40
"""Stops of the Tab key that are no elements of the page: the parts of a field for a date, and regions that scroll."""
WATCH_FOCUS = """() => {
  const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const stops = [...document.querySelectorAll(all)].filter((one) => one.checkVisibility() && !one.disabled);
  globalThis.reached = [];
  addEventListener("focusin", (event) => reached.push(stops.indexOf(event.target)));
  return stops.map((one) => one.outerHTML.slice(0, 100));
}"""
"""Collects which of the page's own stops, by their order, the focus comes to; -1 for any other."""


async def violations(page: Page, rules: list[str]) -> list[str]:
    """Return what axe-core holds against a page by rules with these tags, each with the places."""
    axe: Any = Axe()
    found = (await axe.run(page, options={"runOnly": rules, "resultTypes": ["violations"]})).response["violations"]
    return [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:5]]}" for one in found]


@pytest.mark.parametrize("path", PAGES, indirect=True)
async def test_axe_finds_no_violation_in_either_theme(signed_in: Visit, path: str) -> None:
    await signed_in.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await signed_in.shows(path)
    if path == UNKNOWN:
        signed_in.complaints.clear()
    assert await violations(signed_in.page, STANDARD) == []
    await signed_in.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await violations(signed_in.page, OF_COLORS) == []


@pytest.mark.parametrize("path", EACH, indirect=True)
async def test_the_tab_key_comes_to_everything_in_the_order_of_the_page(signed_in: Visit, path: str) -> None:
    await signed_in.shows(path)
    if path == UNKNOWN:
        signed_in.complaints.clear()
    stops: list[str] = await signed_in.page.evaluate(WATCH_FOCUS)
    for _ in range(len(stops) + WITHIN_STOPS):
        await signed_in.page.keyboard.press("Tab")
    reached: list[int] = await signed_in.page.evaluate("reached")
    first = list(dict.fromkeys(number for number in reached if number >= 0))
    assert [stops[number] for number in range(len(stops)) if number not in first] == []
    assert first == sorted(first)


async def test_the_first_stop_leads_past_the_navigation(page: Page) -> None:
    await page.goto("/")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    assert await skip.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"

    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
