"""The pictures of the README: what a stranger sees first, made of the story by these tests.

    SCREENSHOTS=tests/browser/screenshots .venv/bin/python -m pytest tests/browser/test_screenshots.py

writes them anew; without it they are only looked at: that they can be made, and are small.
"""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import pytest
from msgspec import Struct
from playwright.async_api import Browser, Page, StorageState, expect

from tests.browser.browsing import visiting, whole
from tests.browser.pages import A_MONTH_LATER, CLOSED, LATER
from tests.browser.pictures import reduced
from tests.browser.workbench import Workbench

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("screenshots")
WRITTEN_TO = os.environ.get("SCREENSHOTS")
WIDTH = 1_000
SHOW_FROM = "one => scrollTo(0, scrollY + one.getBoundingClientRect().top - 12)"
BYTES_MAX = 120_000
"""Of one picture: whoever clones the repository takes all of them along, in every version."""


async def as_it_opens(page: Page) -> None:
    """Show the page from its beginning."""
    await expect(page.locator("h1")).to_be_visible()


async def from_its_drawing(page: Page) -> None:
    """Show a subject from where it stands drawn when what was so, and when that was known."""
    await page.locator("h3", has_text="From when to when").evaluate(SHOW_FROM)


async def verified(page: Page) -> None:
    """Verify an event in the browser, and show what came of it, with the way from the entry to the root."""
    await page.get_by_role("button", name="Verify now").click()
    await expect(page.locator("#verdict")).to_have_attribute("data-state", "ok")
    await page.locator("#verify").evaluate(SHOW_FROM)


class Picture(Struct, frozen=True):
    """A picture: of which page, how high, and what is done there before it is taken."""

    path: str
    height: int
    prepare: Callable[[Page], Awaitable[None]] = as_it_opens


PICTURES = {
    "overview": Picture("/", 1_540),
    "time-machine": Picture(f"/workbench/lists/breaches?{CLOSED}&{LATER}", 1_090),
    "subject": Picture(f"/workbench/subject?subject=listing:lazada-id:L12&{A_MONTH_LATER}", 840, from_its_drawing),
    "proof": Picture("/workbench/events/lazada-id/L12-K12", 1_190, verified),
}


@pytest.fixture
async def page(browser: Browser, workbench: Workbench, session: StorageState) -> AsyncGenerator[Page]:
    """Yield a page as wide as the pictures are, signed in."""
    async with visiting(browser, workbench.url, width=WIDTH, storage_state=session, reduced_motion="reduce") as visit:
        yield visit.page
    assert visit.complaints == []


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_can_be_made_and_is_small(page: Page, name: str) -> None:
    picture = PICTURES[name]
    await page.set_viewport_size({"width": WIDTH, "height": picture.height})
    await page.goto(picture.path)
    await whole(page)
    await picture.prepare(page)
    made = await reduced(page.context, await page.screenshot(animations="disabled"))
    assert len(made) <= BYTES_MAX
    if WRITTEN_TO is not None:
        (ROOT / WRITTEN_TO / f"{name}.png").write_bytes(made)


def test_the_readme_shows_the_pictures_that_are_kept_and_no_other() -> None:
    shown = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("![")]
    places = {f"({file.relative_to(ROOT).as_posix()})" for file in KEPT.glob("*.png")}
    assert {file.stem for file in KEPT.glob("*.png")} == set(PICTURES)
    assert {f"({line.rpartition('(')[2]}" for line in shown} == places
    assert [file.name for file in KEPT.glob("*.png") if file.stat().st_size > BYTES_MAX] == []
