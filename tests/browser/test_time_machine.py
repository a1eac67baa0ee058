"""The time machine in a browser: a slider moves, the answer changes in place, and the cause of it is named."""

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, StorageState, expect

from tests.browser.browsing import visiting
from tests.browser.reading import Reader, short_ids
from tests.browser.workbench import Workbench

TEXTILE = "log=lazada-id&policy=policy:lazada-id:akar&rule=akar-textile_fashion&tz=Asia/Jakarta"
BREACHES = f"/workbench/lists/breaches?{TEXTILE}"
LISTING = "/workbench/subject?subject=listing:lazada-id:L12&as_of=2021-09-01&tz=Asia/Jakarta"
STAYS = "window.stays = true"
"""A mark that a page loses when another is loaded in its place."""


async def slide(page: Page, field: str, key: str, to: str) -> None:
    """Move the slider of a date by one day, and wait until its answer stands there."""
    slider = page.locator(f"input[data-days-of='{field}']")
    await slider.focus()
    await slider.press(key)
    await expect(page.locator(f"#{field}")).to_have_value(to)
    await page.wait_for_url(f"**{field}={to}*")
    await expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")


async def listed(page: Page) -> list[str]:
    """Return the listings on the page, as the API answers them by the page's own link."""
    reader = Reader(page)
    rows = [row["Subject"] for row in await reader.rows()]
    assert rows == [item["subject"] for item in await reader.items()]
    return short_ids(rows)


async def marked(page: Page) -> dict[str, tuple[str, list[str]]]:
    """Return what is marked: by subject, in which way it differs, and the events that are named as the causes."""
    found: dict[str, tuple[str, list[str]]] = {}
    for row in await page.locator("tr[data-difference]").all():
        subject = await row.locator("th").inner_text()
        causes = row.locator("xpath=following-sibling::tr[1]").locator(".causes li")
        events = [f"{await one.locator('strong').inner_text()} {await event_of(one)}" for one in await causes.all()]
        found[subject.strip()] = (str(await row.get_attribute("data-difference")), events)
    return found


async def event_of(cause: Locator) -> str:
    return await cause.locator("a").first.inner_text()


async def test_the_day_on_which_a_block_became_known_takes_its_listing_from_the_breaches(page: Page) -> None:
    await page.goto(f"{BREACHES}&as_of=2021-09-01&known_at=2021-09-09")
    before = await listed(page)
    await page.evaluate(STAYS)
    await slide(page, "known_at", "ArrowRight", "2021-09-10")
    after = await listed(page)
    assert (before, after) == (["L01", "L10", "L11", "L12"], ["L01", "L10", "L11"])
    await page.locator("[name=against]").fill("2021-09-09")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr[data-difference]")).to_have_count(1)
    assert await marked(page) == {"listing:lazada-id:L12": ("ONLY_THERE", ["RECORDED L12-K12"])}
    assert await page.evaluate("window.stays") is True
    await expect(page.locator("#spoken")).to_contain_text("Different at the other date: 1.")


async def test_the_day_on_which_a_rule_was_corrected_brings_its_breaches(page: Page) -> None:
    await page.goto(f"{BREACHES}&as_of=2021-07-15&known_at=2021-08-04")
    before = await listed(page)
    await slide(page, "known_at", "ArrowRight", "2021-08-05")
    after = await listed(page)
    assert (before, after) == ([], ["L01", "L02", "L09", "L10", "L12"])
    await page.locator("[name=against]").fill("2021-08-04")
    await page.keyboard.press("Enter")
    await expect(page.locator("tr[data-difference]")).to_have_count(5)
    cause = ("ONLY_HERE", ["CORRECTED akar-TEXTILE_FASHION-fix"])
    assert await marked(page) == {f"listing:lazada-id:{name}": cause for name in after}


async def test_the_day_from_which_a_rule_held_brings_its_breaches(page: Page) -> None:
    await page.goto(f"{BREACHES}&as_of=2021-05-31&known_at=2021-08-05")
    before = await listed(page)
    await slide(page, "as_of", "ArrowRight", "2021-06-01")
    assert (before, await listed(page)) == ([], ["L01", "L02", "L07", "L09", "L10", "L12"])


async def test_a_correction_a_void_and_a_late_event_are_named_in_the_register(page: Page) -> None:
    asked = "as_of=2021-08-10&tz=Asia/Jakarta&known_at=2021-09-30&against=2021-10-16&certainty=POSSIBLE"
    await page.goto(f"/workbench/lists/agreements?{asked}&subject=agreement:bpkn-kca")
    found = await marked(page)
    ((_, events),) = found.values()
    assert list(found) == ["agreement:bpkn-kca"]
    assert [event.partition(" ")[0] for event in events] == ["CORRECTED"]
    bans = "as_of=2016-04-30&tz=Asia/Shanghai&known_at=2020-10-02&against=now"
    await page.goto(f"/workbench/lists/restrictions?{bans}&kind=BANNED&subject=seller:taobao:gf00017")
    ((difference, (event,)),) = (await marked(page)).values()
    assert (difference, event.partition(" ")[0]) == ("ONLY_HERE", "VOIDED")


async def test_the_crosshair_moves_over_the_rectangles_and_the_state_with_it(page: Page) -> None:
    await page.goto(f"{LISTING}&known_at=2021-09-09")
    chosen = page.locator(".rectangles path.chosen title")
    assert await chosen.text_content() == "1 PUBLISHED"
    height = float(str(await page.locator(".rectangles circle").get_attribute("cy")))
    await page.evaluate(STAYS)
    await slide(page, "known_at", "ArrowRight", "2021-09-10")
    assert await chosen.text_content() == "2 PUBLISHED restricted"
    assert float(str(await page.locator(".rectangles circle").get_attribute("cy"))) < height  # later is further up
    await expect(page.locator("#spoken")).to_contain_text("PUBLISHED restricted")
    assert await page.evaluate("window.stays") is True
    bars = await page.locator(".course rect title").all_text_contents()
    assert bars == ["PUBLISHED", "PUBLISHED restricted", "BLOCKED"]


async def counts(page: Page) -> dict[str, Any]:
    """Return the numbers beside the lists, once each has come, by the links that lead to them."""
    await expect(page.locator("a[data-count]", has_text="count")).to_have_count(0)
    links = await page.locator("a[data-count]").all()
    return {str(await link.get_attribute("href")): (await link.inner_text()).replace(",", "") for link in links}


async def test_the_numbers_of_the_lists_are_the_api_s_at_the_page_s_dates(page: Page) -> None:
    await page.goto("/workbench/time?as_of=2021-09-01&tz=Asia/Jakarta")
    shown = await counts(page)
    answers = {link: str((await Reader(page).answer(link))["count"]) for link in shown}
    assert shown == answers
    assert set(shown.values()) - {"0"}
    await slide(page, "as_of", "ArrowLeft", "2021-08-31")
    moved = await counts(page)
    assert all("as_of=2021-08-31" in link and count.isdigit() for link, count in moved.items())


async def test_a_list_that_is_worked_out_is_counted_when_somebody_asks(page: Page) -> None:
    await page.goto("/workbench/lists/deadlines")
    link = page.locator("a[data-count-on-demand]")
    assert await link.inner_text() == "Count them all"
    await link.click()
    wanted = (await Reader(page).answer(str(await link.get_attribute("href"))))["count"]
    await expect(link).to_have_text(str(wanted))


@pytest.mark.parametrize("name", ["CSV", "NDJSON"])
async def test_what_is_on_the_screen_is_taken_along_as_a_file(page: Page, name: str) -> None:
    await page.goto(f"{BREACHES}&as_of=2021-09-01&known_at=2021-09-02")
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name, exact=True).click()
    file = await waiting.value
    text = (await file.path()).read_text(encoding="utf-8")
    assert file.suggested_filename == f"breaches.{name.lower()}"
    assert [f"listing:lazada-id:{one}" in text for one in ("L01", "L10", "L11", "L12", "L02")] == [True] * 4 + [False]


async def test_without_scripts_the_form_is_sent_and_answered_the_same(
    browser: Browser, workbench: Workbench, session: StorageState
) -> None:
    async with visiting(browser, workbench.url, storage_state=session, java_script_enabled=False) as visit:
        page = visit.page
        await page.goto(f"{BREACHES}&as_of=2021-09-01&known_at=2021-09-09")
        await page.locator("#known_at").fill("2021-09-10")
        await page.locator("[name=against]").fill("2021-09-09")
        await page.locator("form[data-live] button").click()
        await page.wait_for_url("**known_at=2021-09-10*")
        subjects = page.locator("#answer tbody th[scope=row]")
        assert short_ids(await subjects.all_inner_texts()) == ["L01", "L10", "L11", "L12"]
        assert await page.locator("tr[data-difference='ONLY_THERE'] th").inner_text() == "listing:lazada-id:L12"
        assert not await page.locator("input[type=range]").first.is_visible()
        assert visit.complaints == []
