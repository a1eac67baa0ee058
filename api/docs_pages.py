"""The guide: pages of Markdown, rendered when first asked for, and their style sheet. Open to everybody."""

from functools import cache
from importlib import resources

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from api.docs_questions import questions_list
from api.pages_layout import GUIDES, HEADERS, STYLE_PATH, html_response, page
from ledger.errors import NotFound

FOLDER = "docs"
"""The folder of this package with a file for each page."""
TITLES = {guide.name: guide.title for guide in GUIDES}
QUESTIONS = "{questions}"
"""What stands in a page for the list of questions."""


@cache
def read_guide(name: str) -> str:
    """Return a page of the guide as Markdown. Raises NotFound."""
    file = resources.files("api").joinpath(FOLDER).joinpath(f"{name}.md")
    if name not in TITLES or not file.is_file():
        raise NotFound(f"there is no page {name}: see /docs")
    return file.read_text(encoding="utf-8").replace(QUESTIONS, questions_list())


@cache
def _guide(name: str) -> bytes:
    text = read_guide(name)  # first: it refuses a name that has no title
    return page(TITLES[name], text)


@get("/", status_code=303)
async def root() -> Redirect:
    """Lead to the guide."""
    return Redirect("/docs", status_code=303)


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


ROUTES = (root, start, style, show)
