"""The page of tokens in a browser: one is made, signs in, and is taken back; it never stands in an address."""

from playwright.async_api import Browser, Page, expect

from tests.browser.browsing import visiting
from tests.browser.workbench import Workbench

TOKENS = "/workbench/tokens"


async def test_a_token_is_made_by_clicking_signs_in_and_is_taken_back(
    page: Page, browser: Browser, workbench: Workbench
) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    await page.goto(TOKENS)
    await page.get_by_label("Role").select_option("AUDITOR")
    await page.get_by_label("Logs").fill("lazada-id public-record")
    await page.get_by_role("button", name="Make the token").click()
    token = (await page.locator("#token").inner_text()).strip()
    async with visiting(browser, workbench.url) as other:
        await other.page.goto("/workbench/sign-in")
        await other.page.get_by_label("Token").fill(token)
        await other.page.get_by_role("button", name="Sign in").click()
        await expect(other.page.locator(".role")).to_have_text("AUDITOR")
        assert await other.page.get_by_role("link", name="Tokens").count() == 0
        assert other.complaints == []

    await page.get_by_role("link", name="Back to the tokens").click()
    row = page.get_by_role("row").filter(has_text=token.split("_")[1])
    await expect(row).to_contain_text("Logs: lazada-id, public-record")
    await row.get_by_role("link", name="Revoke").click()
    await page.get_by_role("button", name="Revoke it").click()
    await expect(row).to_contain_text("revoked")
    assert [address for address in addresses if token.split("_")[2] in address] == []
    assert token not in await page.content()
