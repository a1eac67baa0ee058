"""Pages of the workbench as a test reads them without a browser: what is said, where it leads, and forms sent back."""

from html.parser import HTMLParser

from msgspec import Struct

from api.pages.preferences import COOKIE, Preferences
from api.sessions import FORM_COOKIE, FORM_FIELD
from tests.api.desk import Desk

SECRET = "of-this-browser"
"""The secret of a browser's forms."""
UNREAD = frozenset({"head", "nav", "template", "noscript"})
"""Elements whose text is none of what a page says."""


class Shown(Struct, frozen=True):
    """A page: its status, what it says with single blanks, its links, and its forms' fields, by name and value.

    `leads` is where it leads on (a redirect), or None.
    """

    status: int
    text: str
    links: frozenset[str]
    fields: frozenset[tuple[str, str]]
    leads: str | None = None


async def shown(desk: Desk, path: str, *, who: str = "writer", language: str = "en", zone: str = "UTC") -> Shown:
    """Return a page as a reader sees it."""
    preferences = Preferences(language=language, zone=zone)
    response = await desk.ask("GET", path, who=who, headers={"Cookie": f"{COOKIE}={preferences.written()}"})
    return _read(response.status_code, response.text)


async def sent(desk: Desk, path: str, who: str = "writer", secret: str | None = SECRET, **fields: str) -> Shown:
    """Send a form of a page, with the secret of the reader's browser, or another, or without."""
    form = {**fields, **({} if secret is None else {FORM_FIELD: secret})}
    headers = {"Authorization": f"Bearer {desk.tokens[who]}", "Cookie": f"{FORM_COOKIE}={SECRET}"}
    response = await desk.client.post(path, data=form, headers=headers)
    return _read(response.status_code, response.text, response.headers.get("location"))


def _read(status: int, html: str, leads: str | None = None) -> Shown:
    reader = _Reader()
    reader.feed(html)
    return Shown(
        status, " ".join(" ".join(reader.said).split()), frozenset(reader.links), frozenset(reader.fields), leads
    )


class _Reader(HTMLParser):
    """Gathers text, links and fields."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: set[str] = set()
        self.fields: set[tuple[str, str]] = set()
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in UNREAD
        self.links |= {value for name, value in attrs if tag == "a" and name == "href" and value}
        given = dict(attrs)
        if tag == "input" and given.get("name") and given.get("value"):
            self.fields.add((given["name"] or "", given["value"] or ""))

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)
