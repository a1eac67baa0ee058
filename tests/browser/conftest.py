"""One browser and one told ledger for all of these tests, or for each worker's of pytest-xdist; a new page for each."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, StorageState

from ledger.server.embedded import EmbeddedServer
from tests.browser.browsing import CHROMIUM, Visit, launched, visiting
from tests.browser.pages import PAGES
from tests.browser.workbench import Workbench, served_workbench


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Yield the browser of this machine; without one, what needs it is skipped."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    async with launched() as running:
        yield running


@pytest.fixture(scope="session")
async def workbench(browser: Browser, server: EmbeddedServer, template: str) -> AsyncGenerator[Workbench]:  # noqa: ARG001 - no browser, no story
    """Yield the workbench over the story."""
    async with served_workbench(server, template) as serving:
        yield serving


@pytest.fixture(scope="session")
async def session(browser: Browser, workbench: Workbench) -> StorageState:
    """Return what a browser keeps that came in by a link that signs in, as an operator."""
    async with visiting(browser, workbench.url) as visit:
        await visit.page.goto(workbench.sign_in_link(workbench.operator))
        return await visit.page.context.storage_state()


@pytest.fixture
async def visit(browser: Browser, workbench: Workbench) -> AsyncGenerator[Visit]:
    """Yield a page of nobody yet; what it complains of, and the test does not take away, fails the test."""
    async with visiting(browser, workbench.url) as opened:
        yield opened
    assert opened.complaints == []


@pytest.fixture
async def signed_in(browser: Browser, workbench: Workbench, session: StorageState) -> AsyncGenerator[Visit]:
    """Yield the same, signed in as an operator."""
    async with visiting(browser, workbench.url, storage_state=session) as opened:
        yield opened
    assert opened.complaints == []


@pytest.fixture
def page(signed_in: Visit) -> Page:
    """Return the same page alone, for tests that do nothing but use it."""
    return signed_in.page


@pytest.fixture
def path(request: pytest.FixtureRequest, workbench: Workbench) -> str:
    """Return where a page is, of the name that a test is parametrized with (indirectly)."""
    name: str = request.param
    return workbench.path(PAGES[name])
