"""A browser, and pages that keep what goes wrong in them."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright, expect

CHROMIUM = shutil.which("chromium")
"""Debian's; None where it is not installed."""
FLAGS = (
    "--no-sandbox",  # Chromium's own refuses to run as root, as CI does
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = 1_200
NARROW = 360
HEIGHT = 800
WAIT_MS = 30_000
"""How long a page or a part of it may take to appear: two processors serve it, draw it and run other tests."""
expect.set_options(timeout=WAIT_MS)
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} ${event.sample}`);
});
"""


class Visit(Struct, frozen=True, eq=False):
    """A reader's page, and what went wrong in it: errors, violations of its policy, requests to other hosts."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])

    async def shows(self, path: str) -> int:
        """Open a page by its path, wait until it is whole, and return its status."""
        response = await self.page.goto(path)
        assert response is not None
        await whole(self.page)
        return response.status


async def whole(page: Page) -> None:
    """Wait until a page is whole: no answer is on its way, and no part is still being worked out."""
    await expect(page.locator("[aria-busy], [data-later]")).to_have_count(0)


@asynccontextmanager
async def launched() -> AsyncGenerator[Browser]:
    """Yield the browser. CHROMIUM must be there."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(browser: Browser, url: str, *, width: int = WIDE, **more: Any) -> AsyncGenerator[Visit]:  # noqa: ANN401 - options of a context
    """Yield a page of a browser that has never been here; `more` are options of Playwright's contexts."""
    options: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Asia/Jakarta", "color_scheme": "light", **more}
    context = await browser.new_context(base_url=url, viewport={"width": width, "height": HEIGHT}, **options)
    context.set_default_timeout(WAIT_MS)
    await context.add_init_script(TELL_VIOLATIONS)
    visit = Visit(await context.new_page())
    _listen(visit, urlsplit(url).netloc)
    try:
        yield visit
    finally:
        await context.close()


def _listen(visit: Visit, host: str) -> None:
    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visit.complaints.append(f"{message.type}: {message.text}")

    def failed(error: Exception) -> None:
        visit.complaints.append(f"exception: {error}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            visit.complaints.append(f"asked elsewhere: {request.url}")

    visit.page.on("console", said)
    visit.page.on("pageerror", failed)
    visit.page.on("request", asked)
