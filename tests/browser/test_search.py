"""The search in a browser: what is typed is found in place, and the address is the search."""

from playwright.async_api import Page, expect

from tests.browser.downloads import taken
from tests.browser.workbench import Workbench

SEARCH = "/workbench/search"
FOUND = "#results tbody tr"


async def test_words_are_found_in_place_and_the_address_is_the_search(page: Page, workbench: Workbench) -> None:
    await page.goto(SEARCH)
    await page.evaluate("window.sameDocument = true")
    await page.get_by_label("Words").fill("AKAR")
    await page.get_by_role("button", name="Search", exact=True).click()
    await expect(page).to_have_url(f"{workbench.url}{SEARCH}?q=AKAR&order=desc")
    answer = (await workbench.api.get(await page.locator("#results .source a").get_attribute("href") or "")).json()
    await expect(page.locator(FOUND)).to_have_count(len(answer["items"]))
    shown = await page.locator(f"{FOUND} th a").all_inner_texts()
    assert shown == [item["id"] for item in answer["items"]]
    assert await page.evaluate("window.sameDocument") is True
    await page.reload()
    assert await page.locator(f"{FOUND} th a").all_inner_texts() == shown


async def test_a_log_that_is_ticked_narrows_the_search_at_once(page: Page) -> None:
    await page.goto(f"{SEARCH}?q=AKAR")
    every = await page.locator(FOUND).count()
    await page.get_by_text("Choose logs").click()
    await page.get_by_label("kemenkop-ukm", exact=True).check()
    await expect(page.locator(FOUND)).not_to_have_count(every)
    assert set(await page.locator(f"{FOUND} td .faint").all_inner_texts()) == {"in kemenkop-ukm"}


async def test_what_is_on_the_screen_is_taken_along_as_csv(page: Page) -> None:
    await page.goto(f"{SEARCH}?q=AKAR&log=lazada-id")
    rows = await page.locator(FOUND).count()
    line = page.get_by_role("listitem").filter(has_text="What is on this page")
    table = await taken(page, line.get_by_role("link", name="CSV"))
    assert (table.name, len(table.content.splitlines())) == ("events.csv", rows + 1)
