"""Language, zone and theme: chosen in any page, kept for the next ones, and shown by what the pages then are."""

from playwright.async_api import Browser, Page, expect

from api.pages.preferences import COOKIE
from tests.browser.browsing import Visit, visiting
from tests.browser.pages import SIGN_IN
from tests.browser.workbench import Workbench

EVENT = "/workbench/events/lazada-id/L12-K12"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 23, 27)"
"""What the paper of each theme is made of."""


async def choose(page: Page, **choices: str) -> None:
    """Choose in the form that every page has; what each choice is called, by the name of its field."""
    await page.locator("details.preferences summary").click()
    form = page.locator("details.preferences form")
    for name, choice in choices.items():
        field = form.locator(f"[name={name}]")
        await (field.fill(choice) if name == "zone" else field.select_option(label=choice))
    await form.get_by_role("button").click()


async def expect_paper(page: Page, color: str) -> None:
    await expect(page.locator("body")).to_have_css("background-color", color)


async def test_a_language_is_kept_and_leads_back_to_the_page(page: Page, workbench: Workbench) -> None:
    await page.goto("/workbench/search?q=textile")
    await choose(page, language="Bahasa Indonesia")
    await expect(page).to_have_url(f"{workbench.url}/workbench/search?q=textile")
    await expect(page.locator("html")).to_have_attribute("lang", "id")

    await page.get_by_role("link", name="Jejak", exact=True).click()
    await expect(page.get_by_role("button", name="Keluar")).to_be_visible()
    await choose(page, language="English")
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()


async def test_times_are_shown_in_the_chosen_zone(page: Page) -> None:
    await page.goto(EVENT)
    shown = page.locator("time[datetime^='2021-09-10T01:00:00']").first
    await expect(shown).to_contain_text("08:00:00 WIB")
    await choose(page, zone="Europe/London")
    await expect(shown).to_contain_text("02:00:00 BST")


async def test_what_is_no_zone_leaves_the_usual_one(page: Page) -> None:
    await page.goto(EVENT)
    await choose(page, zone="Europe/Atlantis")
    await expect(page.locator("details.preferences [name=zone]")).to_have_value("Asia/Jakarta")


async def test_the_theme_is_the_systems_until_one_is_chosen(page: Page) -> None:
    await page.goto(EVENT)
    await expect_paper(page, LIGHT)
    await page.emulate_media(color_scheme="dark")
    await expect_paper(page, DARK)

    await choose(page, theme="light")
    await expect_paper(page, LIGHT)
    await page.emulate_media(color_scheme="light")
    await choose(page, theme="dark")
    await page.goto(EVENT)
    await expect_paper(page, DARK)


async def test_the_cookie_of_choices_holds_nothing_else_and_is_for_the_server_alone(signed_in: Visit) -> None:
    await signed_in.page.goto(EVENT)
    await choose(signed_in.page, language="Bahasa Indonesia", zone="Asia/Makassar", theme="dark")
    (kept,) = [cookie for cookie in await signed_in.page.context.cookies() if cookie.get("name") == COOKIE]
    value = str(kept.get("value")).strip('"')
    assert (value, kept.get("httpOnly"), kept.get("sameSite")) == ("id|Asia/Makassar|dark", True, "Strict")


async def test_who_has_not_chosen_reads_the_browsers_language(browser: Browser, workbench: Workbench) -> None:
    async with visiting(browser, workbench.url, locale="id-ID") as visit:
        await visit.page.goto(SIGN_IN)
        await expect(visit.page.locator("html")).to_have_attribute("lang", "id")
        await expect(visit.page.get_by_role("button", name="Masuk")).to_be_visible()
    assert visit.complaints == []


async def test_the_pages_are_right_without_scripts_too(browser: Browser, workbench: Workbench) -> None:
    async with visiting(browser, workbench.url, java_script_enabled=False) as visit:
        await visit.page.goto(workbench.sign_in_link(workbench.operator))
        await choose(visit.page, language="Bahasa Indonesia")
        await expect(visit.page.locator("html")).to_have_attribute("lang", "id")
