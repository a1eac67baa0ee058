"""The guide: every page is served as it should be, and every request in it is answered as it says."""

import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from api.docs_pages import read_guide
from api.docs_questions import QUESTIONS
from api.pages_layout import GUIDES, HEADERS, STYLE_PATH
from ledger.server.embedded import EmbeddedServer
from projections.reports.catalogue import REPORTS
from tests.api.demonstrated import demonstrated_desk
from tests.api.desk import Desk
from tests.api.fenced import fenced

WRITTEN = [guide for guide in GUIDES if guide.name != "reference"]
LINK = re.compile(r'(?:href|src)="([^"]+)"')
QUESTIONS_OF_SECTION_12 = 52


class Shown(Struct, frozen=True):
    """A request of a page: who sends it, what it is, and the status that it says it gets."""

    who: str | None
    method: str
    path: str
    headers: dict[str, str]
    content: bytes | None
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def shown(name: str) -> Iterator[Shown]:
    """Yield the requests of a page."""
    for block in fenced(read_guide(name)):
        if block.language != "http":
            continue
        head, _, body = block.text.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, _, path = first.partition(" ")
        who = next((word.removeprefix("as=") for word in block.says if word.startswith("as=")), "operator")
        expected = next((int(word) for word in block.says if word.isdigit()), 202 if path in ACCEPTED else 200)
        headers = dict(line.split(": ", 1) for line in lines)
        yield Shown(None if who == "nobody" else who, method, path, headers, body.encode() or None, expected)


ACCEPTED = ("/v1/replays", "/v1/diffs")
"""What takes long is accepted first."""


@pytest.fixture(scope="module")
async def desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    async with demonstrated_desk(server, template) as opened:
        yield opened


@pytest.mark.parametrize("name", [guide.name for guide in WRITTEN])
async def test_every_request_of_a_page_is_answered_as_the_page_says(desk: Desk, name: str) -> None:
    wrong: list[tuple[str, int, str]] = []
    for one in shown(name):
        response = await desk.ask(one.method, one.path, who=one.who, headers=one.headers, content=one.content)
        if response.status_code != one.status:
            wrong.append((str(one), response.status_code, response.text[:300]))
        await desk.follow()
    assert wrong == []


def test_every_example_of_a_page_is_a_request_or_is_run_in_a_shell() -> None:
    """The shell's are run by tests.api.test_docs_shell."""
    languages = {(guide.name, block.language) for guide in WRITTEN for block in fenced(read_guide(guide.name))}
    assert {one for one in languages if one[1] != "http"} == {("start", "sh"), ("verify", "sh")}


async def test_the_worked_example_of_time_shows_what_it_says(desk: Desk) -> None:
    answers = [
        await desk.get(one.path, who="operator") for one in shown("time") if one.path.startswith("/v1/listings?log")
    ]
    assert [[item["subject"] for item in answer["items"]] for answer in answers] == [["listing:lazada-id:L12"]] * 2


@pytest.mark.parametrize("path", ["/problems", "/problems/busy", *(guide.href for guide in GUIDES)])
async def test_a_page_is_open_and_loads_nothing_from_elsewhere(desk: Desk, path: str) -> None:
    response = await desk.ask("GET", path, who=None, headers={"Accept": "text/html"})

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "<script" not in response.text
    assert "style=" not in response.text
    loaded = re.findall(r'<(?:link|img|source|iframe)[^>]*(?:href|src)="([^"]+)"', response.text)
    assert loaded == [STYLE_PATH]
    for target in {link.partition("#")[0] for link in LINK.findall(response.text) if link.startswith("/")}:
        assert (await desk.ask("GET", target, who=None)).status_code == 200, target


async def test_the_style_sheet_is_served(desk: Desk) -> None:
    style = await desk.ask("GET", STYLE_PATH, who=None)

    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "url(" not in style.text


async def test_a_page_that_is_not_there_is_a_problem(desk: Desk) -> None:
    response = await desk.ask("GET", "/docs/nothing", who=None)
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


def test_every_question_of_section_12_and_every_report_has_its_request() -> None:
    asked = [one.path for one in shown("reports")]

    assert len(QUESTIONS) == QUESTIONS_OF_SECTION_12
    assert all(question.requests for question in QUESTIONS)
    assert [report.name for report in REPORTS if not any(f"/v1/reports/{report.name}?" in path for path in asked)] == []


def test_every_page_is_written_and_no_other() -> None:
    folder = Path(__file__).parents[2] / "api" / "docs"
    assert {file.stem for file in folder.glob("*.md")} == {guide.name for guide in WRITTEN}
