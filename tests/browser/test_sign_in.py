"""Signing in and out: by a token, by a link that counts once, and what the cookie is good for and what it is not."""

from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from api.sessions import FORM_COOKIE, FORM_FIELD, TOKEN_COOKIE
from tests.browser.browsing import Visit, whole
from tests.browser.workbench import Workbench

SIGN_IN = "/workbench/sign-in"
NO_TOKEN = "error: Failed to load resource: the server responded with a status of 401 (Unauthorized)"


async def type_token(page: Page, token: str) -> None:
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in").click()


async def test_a_typed_token_signs_in_and_the_button_signs_out(visit: Visit, workbench: Workbench) -> None:
    await visit.page.goto("/")
    await expect(visit.page).to_have_url(workbench.url + SIGN_IN)

    await type_token(visit.page, await workbench.token("AUDITOR", "lazada-id"))
    await expect(visit.page).to_have_url(workbench.url + "/")
    await expect(visit.page.locator(".role")).to_have_text("AUDITOR")

    await visit.page.get_by_role("button", name="Sign out").click()
    await expect(visit.page).to_have_url(workbench.url + SIGN_IN)
    await visit.page.goto("/")
    await expect(visit.page).to_have_url(workbench.url + SIGN_IN)


async def test_a_link_signs_in_once(visit: Visit, workbench: Workbench) -> None:
    link = workbench.sign_in_link(workbench.operator)
    await visit.page.goto(link)
    await expect(visit.page).to_have_url(workbench.url + "/")

    await visit.page.context.clear_cookies()
    await visit.page.goto(link)
    await expect(visit.page.get_by_role("alert")).to_contain_text("A link that signs in works once")
    assert [cookie.get("name") for cookie in await visit.page.context.cookies()] == [FORM_COOKIE]


@pytest.mark.parametrize("token", ["nothing like a token", f"jejak_{'0' * 16}_{'0' * 64}"])
async def test_a_wrong_token_is_told_so_and_the_form_stays(visit: Visit, token: str) -> None:
    await visit.page.goto(f"{SIGN_IN}?next=/workbench/search")
    await type_token(visit.page, token)

    await expect(visit.page.get_by_role("alert")).to_contain_text("This token does not count")
    await expect(visit.page.get_by_label("Token")).to_have_value("")
    await expect(visit.page.locator("form.sign-in input[name=next]")).to_have_value("/workbench/search")
    assert visit.complaints == [NO_TOKEN]
    visit.complaints.clear()


@pytest.mark.parametrize("path", ["/workbench/policies?as_of=2021-09-01&tz=Asia/Jakarta", "/workbench/jobs"])
async def test_who_signs_in_comes_to_the_page_that_was_asked(visit: Visit, workbench: Workbench, path: str) -> None:
    await visit.page.goto(path)
    assert visit.page.url == f"{workbench.url}{SIGN_IN}?next={quote(path, safe='')}"
    await type_token(visit.page, workbench.operator)
    await expect(visit.page).to_have_url(workbench.url + path)


@pytest.mark.parametrize(
    "elsewhere", ["https://other.example/", "//other.example/", "/\\other.example/", "/docs", "javascript:alert(1)"]
)
async def test_nobody_is_led_from_signing_in_to_anything_but_a_page_of_the_workbench(
    visit: Visit, workbench: Workbench, elsewhere: str
) -> None:
    await visit.page.goto(f"{SIGN_IN}?next={quote(elsewhere)}")
    await type_token(visit.page, workbench.operator)
    await expect(visit.page).to_have_url(workbench.url + "/")


async def test_no_script_and_no_other_site_gets_the_cookies(visit: Visit, workbench: Workbench) -> None:
    await visit.page.goto(workbench.sign_in_link(workbench.operator))
    kept = {
        cookie.get("name"): (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("expires"))
        for cookie in await visit.page.context.cookies()
    }
    assert kept == dict.fromkeys((TOKEN_COOKIE, FORM_COOKIE), (True, "Strict", -1))
    assert await visit.page.evaluate("document.cookie") == ""


async def test_the_cookie_reads_the_api_and_changes_nothing_there(signed_in: Visit) -> None:
    api = signed_in.page.context.request
    assert (await api.get("/v1/logs")).status == 200
    wanted = {"role": "AUDITOR", "logs": ["lazada-id"]}
    statuses = [
        (await api.post("/v1/tokens", data=wanted)).status,
        (await api.post("/v1/logs/lazada-id/events", data=[])).status,
        (await api.delete("/v1/jobs/none")).status,
    ]
    assert statuses == [401, 401, 401]


@pytest.mark.parametrize("path", [SIGN_IN, "/workbench/sign-out", "/workbench/preferences"])
@pytest.mark.parametrize("secret", [None, "0" * 32])
async def test_a_form_without_its_browsers_secret_is_refused(signed_in: Visit, path: str, secret: str | None) -> None:
    form: dict[str, str | float | bool] = {"token": "x", "language": "id", "next": "/"}
    if secret is not None:
        form[FORM_FIELD] = secret
    response = await signed_in.page.context.request.post(path, form=form, max_redirects=0)
    assert response.status == 403


async def test_after_its_token_is_revoked_the_next_click_leads_to_signing_in(
    visit: Visit, workbench: Workbench
) -> None:
    token = await workbench.token("AUDITOR", "lazada-id")
    await visit.page.goto("/")
    await type_token(visit.page, token)
    await expect(visit.page).to_have_url(workbench.url + "/")

    await workbench.revoke(token)
    await visit.page.wait_for_timeout(1_000)  # within a second a revocation counts everywhere
    await visit.page.get_by_role("link", name="Jejak", exact=True).click()
    await expect(visit.page).to_have_url(workbench.url + SIGN_IN)


async def test_what_a_role_may_not_see_is_not_in_its_pages(visit: Visit, workbench: Workbench) -> None:
    await visit.page.goto(workbench.sign_in_link(await workbench.token("AUDITOR", "lazada-id")))
    await whole(visit.page)
    ways = await visit.page.locator("nav a").all_inner_texts()
    logs = await visit.page.locator("table").first.locator("tbody th").all_inner_texts()
    assert ("Jobs" in ways, "Tokens" in ways, logs) == (True, False, ["lazada-id"])

    assert await visit.shows("/workbench/tokens") == 403
    await expect(visit.page.get_by_role("alert")).to_be_visible()
    assert visit.complaints == [NO_TOKEN.replace("401 (Unauthorized)", "403 (Forbidden)")]
    visit.complaints.clear()
