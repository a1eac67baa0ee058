"""The page of a claim in a browser: a verdict that turns as the day of knowledge slides, and one that is recorded."""

from playwright.async_api import Page, expect

from tests.browser.browsing import whole

CLAIM = "/workbench/claims?claim=claim:tiktok:c1-literal&as_of=2023-07-26&known_at=2023-07-27&tz=Asia/Jakarta"
DAYS_TO_SEPTEMBER = 36


async def test_the_verdict_turns_as_the_day_of_knowledge_slides(page: Page) -> None:
    await page.goto(CLAIM)
    await whole(page)
    literal = page.locator("#verdicts .verdict").first
    await expect(literal).to_contain_text("NOT_FALSIFIED")
    await page.locator("input[data-days-of=known_at]").evaluate(
        "(slider, days) => { slider.value = Number(slider.value) + days;"
        " slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        DAYS_TO_SEPTEMBER,
    )
    await page.wait_for_url("**known_at=2023-09-01**")
    await expect(page.locator("#verdicts")).to_contain_text("seller:tiktok-shop-id:TT0001")
    await expect(literal).to_contain_text("FALSIFIED At least one contradicts it.")


async def test_a_verdict_is_recorded_by_its_button_and_its_event_can_be_read(page: Page) -> None:
    await page.goto(CLAIM)
    await whole(page)
    await page.get_by_role("button", name="Record this verdict P_VERIFIED_LOCAL_LITERAL").click()
    marked = page.locator("tr.marked")
    await expect(marked).to_contain_text("27 Jul 2023, 23:59:59 WIB")
    await expect(marked).to_contain_text("NOT_FALSIFIED")
    await marked.get_by_role("link").click()
    await expect(page.locator("main")).to_contain_text("ClaimEvaluated")
