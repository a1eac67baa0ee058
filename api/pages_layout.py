"""Pages for people: Markdown as HTML with our own style sheet, and nothing that is loaded from elsewhere."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape

from litestar import Response
from markdown_it import MarkdownIt
from msgspec import Struct

HTML = "text/html"
STYLE_PATH = "/docs/style.css"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=60",
}
"""What every page says: no script, nothing from elsewhere, not within another's frame."""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} — Jejak</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<nav aria-label="Documentation"><ul>{ways}</ul></nav>
<main>
{content}</main>
</body>
</html>
"""


class Guide(Struct, frozen=True):
    """A page of the guide: its name in the path, and its title."""

    name: str
    title: str

    @property
    def href(self) -> str:
        """Where it is."""
        return "/docs" if self.name == "start" else f"/docs/{self.name}"


GUIDES: Sequence[Guide] = (
    Guide("start", "Start"),
    Guide("workbench", "Workbench"),
    Guide("access", "Access"),
    Guide("append", "Append"),
    Guide("read", "Read"),
    Guide("time", "Time"),
    Guide("verify", "Verify"),
    Guide("privacy", "Privacy"),
    Guide("import", "Import"),
    Guide("client", "Client"),
    Guide("dsa", "DSA"),
    Guide("reports", "Reports"),
    Guide("questions", "Questions"),
    Guide("benchmarks", "Benchmarks"),
    Guide("reference", "Reference"),
)
"""The guide's pages, in order."""
ELSEWHERE: Sequence[tuple[str, str]] = (
    ("/problems", "Problems"),
    ("/schemas", "Schemas"),
    ("/schema/openapi.json", "OpenAPI"),
)


def markdown(text: str) -> str:
    """Return Markdown (CommonMark with tables) as HTML; HTML within it is shown as text."""
    rendered: str = _renderer().render(text)
    return rendered


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def page(title: str, text: str) -> bytes:
    """Return a page of Markdown as HTML, with the way to the others."""
    links = [*((guide.href, guide.title) for guide in GUIDES), *ELSEWHERE]
    ways = "".join(f'<li><a href="{href}">{escape(name)}</a></li>' for href, name in links)
    return _PAGE.format(title=escape(title), style=STYLE_PATH, ways=ways, content=markdown(text)).encode()


def html_response(content: bytes, status: int = 200) -> Response[bytes]:
    """Return a page as an answer."""
    return Response(content, status_code=status, media_type=HTML, headers=dict(HEADERS))
