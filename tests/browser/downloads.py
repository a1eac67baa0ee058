"""Files that a reader takes along from a page."""

import asyncio

from msgspec import Struct
from playwright.async_api import Locator, Page


class Taken(Struct, frozen=True):
    """A file: the name that the browser gives it, and what is in it."""

    name: str
    content: bytes


async def taken(page: Page, link: Locator) -> Taken:
    """Click a link that must lead to a file, and return that."""
    async with page.expect_download() as expected:
        await link.click()
    download = await expected.value
    path = await download.path()
    return Taken(download.suggested_filename, await asyncio.to_thread(path.read_bytes))
