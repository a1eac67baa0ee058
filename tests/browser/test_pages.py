"""What holds for every page: its policy is strict and kept, it fits a narrow screen, and its sources answer."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from playwright.async_api import Browser, StorageState, expect

from api.app import make_app
from api.pages.preferences import COOKIE
from api.route_rights import named_routes
from tests.browser.browsing import NARROW, Visit, visiting
from tests.browser.pages import EACH, FILES, OF_THE_LEDGER, PAGES, UNKNOWN
from tests.browser.routing import serves
from tests.browser.workbench import Workbench

STRICT = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Scripts and styles are files of ours, nothing is from elsewhere, nothing is kept, and no other site frames a page."""
NOT_THERE = "error: Failed to load resource: the server responded with a status of 404 (Not Found)"
INLINE = """(text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const own = [...page.querySelectorAll("script:not([src]), style, [style], iframe, object, embed")];
  const handles = (one) => one.getAttributeNames().some((name) => name.startsWith("on"));
  const handlers = [...page.querySelectorAll("*")].filter(handles);
  return [...own, ...handlers].map((one) => one.outerHTML.slice(0, 200));
}"""
"""What a page of ours never holds: scripts and styles written into it, and others' frames."""
OUTSIDE = """(width) => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const scrolls = ".table, figure, pre";
  const out = (box) => box.width > 0 && (box.right > width || box.left < 0);
  const found = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility()
    && out(one.getBoundingClientRect()) && !one.parentElement.closest(scrolls) && !one.closest(".skip, .spoken"));
  return [document.documentElement.scrollWidth, found.map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)];
}"""
"""How wide a page is with all that it folds opened, and what of it stands outside of the screen's width."""

WORDS = """() => {
  const page = document.body.cloneNode(true);
  for (const quoted of page.querySelectorAll("pre, code, textarea")) quoted.remove();
  return page.textContent;
}"""
UNFILLED = re.compile(r"\{[a-z_]*\}|\b(?:None|Undefined|nan)\b")
"""What a text looks like whose value was not put in."""


@pytest.fixture
async def narrow(browser: Browser, workbench: Workbench, session: StorageState) -> AsyncGenerator[Visit]:
    """Yield the page of a telephone whose reader reads Indonesian in the dark."""
    async with visiting(browser, workbench.url, width=NARROW, storage_state=session) as opened:
        await opened.page.context.add_cookies([{"name": COOKIE, "value": "id|Asia/Jakarta|dark", "url": workbench.url}])
        yield opened


def excuse(visit: Visit, path: str) -> None:
    """Take away what the browser says of a page that tells of a problem."""
    if path == UNKNOWN:
        assert visit.complaints == [NOT_THERE]
        visit.complaints.clear()


def test_every_page_of_the_application_stands_in_the_table(workbench: Workbench) -> None:
    routes = named_routes(make_app(workbench.service).routes)
    pages = {route for route in routes - FILES if route.startswith("GET /workbench/") and "/static/" not in route}
    assert {route for route in pages if not any(serves(route, path) for path in PAGES.values())} == set()


@pytest.mark.parametrize("path", EACH, indirect=True)
async def test_a_page_says_its_strict_policy_and_holds_nothing_that_it_forbids(signed_in: Visit, path: str) -> None:
    response = await signed_in.page.goto(path)
    assert response is not None
    assert response.status == (404 if path == UNKNOWN else 200), await response.text()
    headers = await response.all_headers()
    assert {header: headers.get(header) for header in STRICT} == STRICT
    assert await signed_in.page.evaluate(INLINE, await response.text()) == []
    await expect(signed_in.page.locator("h1")).to_have_count(1)
    excuse(signed_in, path)


@pytest.mark.parametrize("path", PAGES, indirect=True)
async def test_a_page_is_whole_in_indonesian_and_fits_a_narrow_screen(narrow: Visit, path: str) -> None:
    assert await narrow.shows(path) == (404 if path == UNKNOWN else 200)
    await expect(narrow.page.locator("html")).to_have_attribute("lang", "id")
    assert UNFILLED.findall(await narrow.page.evaluate(WORDS)) == []
    assert await narrow.page.evaluate(OUTSIDE, NARROW) == [NARROW, []]
    excuse(narrow, path)
    assert narrow.complaints == []


@pytest.mark.parametrize("path", OF_THE_LEDGER, indirect=True)
async def test_what_a_page_shows_is_had_from_the_api_by_its_links(signed_in: Visit, path: str) -> None:
    await signed_in.shows(path)
    links = await signed_in.page.locator(".source a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    answers: list[Any] = await asyncio.gather(*(signed_in.page.context.request.get(link) for link in links))
    assert links
    assert {link: answer.status for link, answer in zip(links, answers, strict=True) if not answer.ok} == {}
