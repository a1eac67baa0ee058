"""The guide: pages of Markdown, rendered when first asked for, and their style sheet. Open to everybody."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from litestar import Response, get
from litestar.params import FromPath

from api.docs_questions import questions_list
from api.docs_rights import rights_table
from api.pages_layout import GUIDES, HEADERS, STYLE_PATH, html_response, page
from ledger.errors import NotFound

FOLDER = "docs"
"""The folder of this package with a file for each page."""
TITLES = {guide.name: guide.title for guide in GUIDES}
FILLED: Mapping[str, Callable[[], str]] = {"{questions}": questions_list, "{rights}": rights_table}
"""What stands in a page for a list that is made of what the product itself goes by, and what makes it."""


@cache
def read_guide(name: str) -> str:
    """Return a page of the guide as Markdown. Raises NotFound."""
    file = resources.files("api").joinpath(FOLDER).joinpath(f"{name}.md")
    if name not in TITLES or not file.is_file():
        raise NotFound(f"there is no page {name}: see /docs")
    text = file.read_text(encoding="utf-8")
    for place, made in FILLED.items():
        text = text.replace(place, made())
    return text


@cache
def _guide(name: str) -> bytes:
    text = read_guide(name)  # first: it refuses a name that has no title
    return page(TITLES[name], text)


@get("/docs")
async def start() -> Response[bytes]:
    """Show the guide's first page."""
    return html_response(_guide("start"))


@get(STYLE_PATH)
async def style() -> Response[bytes]:
    """Return the style sheet of all pages."""
    content = resources.files("api").joinpath(FOLDER).joinpath("style.css").read_bytes()
    return Response(content, media_type="text/css", headers=dict(HEADERS))


@get("/docs/{name:str}")
async def show(name: FromPath[str]) -> Response[bytes]:
    """Show a page of the guide."""
    return html_response(_guide(name))


ROUTES = (start, style, show)
