"""A reader of the workbench, who only clicks and types, and reads what the page says."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct
from playwright.async_api import Locator, Page

from tests.browser.browsing import whole

TABLE = """(table) => {
  const words = (cell) => cell.innerText.trim();
  const names = [...table.tHead.rows[0].cells].map(words);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => row.cells.length === names.length);
  return rows.map((row) => Object.fromEntries([...row.cells].map((cell, place) => [names[place], words(cell)])));
}"""
"""A table by the names of its columns; rows that only explain the one above are left out."""


class Reader(Struct, frozen=True):
    """Somebody before a page."""

    page: Page

    async def click(self, name: str, *, within: str = "body") -> None:
        """Follow a link by what it says, to a page that has come whole."""
        await self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()
        await self.page.wait_for_load_state()
        await whole(self.page)

    async def ask(self, **fields: str) -> None:
        """Fill in fields of the page's own form, send it, and wait for the answer in place."""
        form = self.page.locator("form[data-live]")
        for name, value in fields.items():
            await _fill(form, name, value)
        await form.get_by_role("button").first.click()
        wanted = {name: [value] for name, value in fields.items() if value}

        def is_answered(url: str) -> bool:
            asked = parse_qs(urlsplit(url).query)
            return all(asked.get(name) == value for name, value in wanted.items()) and not (
                {name for name, value in fields.items() if not value} & asked.keys()
            )

        await self.page.wait_for_url(is_answered)
        await whole(self.page)

    async def rows(self, table: str = "#answer table") -> list[dict[str, str]]:
        """Return the rows of a table, each by the names of its columns; none where there is no table."""
        found = self.page.locator(table)
        if await found.count() == 0:
            return []
        rows: list[dict[str, str]] = await found.first.evaluate(TABLE)
        return rows

    async def links(self, within: str = "body") -> list[str]:
        """Return the calls of the API of which the page says that it, or a part, was made of them."""
        sources = self.page.locator(within).locator(".source a")
        links: list[str] = await sources.evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        return links

    async def answer(self, link: str) -> Any:  # noqa: ANN401 - decoded JSON
        """Return what the API answers by a link, to the browser's own session."""
        response = await self.page.context.request.get(link)
        assert response.ok, await response.text()
        return await response.json()

    async def items(self, place: int = 0) -> list[dict[str, Any]]:
        """Return the items of one of the calls that the page says it was made of."""
        answer = await self.answer((await self.links())[place])
        items: list[dict[str, Any]] = answer["items"]
        return items


async def _fill(form: Locator, name: str, value: str) -> None:
    field = form.locator(f"[name='{name}']").first
    folded = form.locator("details:not([open])", has=form.page.locator(f"[name='{name}']"))
    if await folded.count():
        await folded.locator("summary").click()
    if await field.evaluate("one => one.tagName") == "SELECT":
        await field.select_option(value)
    else:
        await field.fill(value)


def short_ids(subjects: Sequence[str]) -> list[str]:
    """Return the last parts of subjects, sorted, each once."""
    return sorted({subject.rpartition(":")[2] for subject in subjects})
