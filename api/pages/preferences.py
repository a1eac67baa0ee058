"""How a reader wants the pages: language, zone and theme, in a cookie that holds nothing else."""

from collections.abc import Mapping
from typing import Any, Literal

from litestar import Request
from msgspec import Struct

from api.pages.wording import DEFAULT_LANGUAGE, LANGUAGES
from ledger.domain.instants import zone

COOKIE = "jejak_view"
DEFAULT_ZONE = "Asia/Jakarta"
"""That of the ledger's own market; every instant says its zone."""
Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark")
SEPARATOR = "|"


class Preferences(Struct, frozen=True, kw_only=True):
    """What one reader wants."""

    language: str = DEFAULT_LANGUAGE
    zone: str = DEFAULT_ZONE
    theme: Theme = "system"

    def written(self) -> str:
        """Return them as the cookie has them."""
        return SEPARATOR.join((self.language, self.zone, self.theme))


def preferences_of(request: Request[Any, Any, Any]) -> Preferences:
    """Return what the reader of a page wants: what the cookie says, else the browser's language."""
    written = request.cookies.get(COOKIE)
    if written is not None:
        language, _, rest = written.partition(SEPARATOR)
        zone_name, _, theme = rest.partition(SEPARATOR)
        return read_preferences({"language": language, "zone": zone_name, "theme": theme})
    accepted = request.headers.get("accept-language", "").lower()
    return Preferences(language="id" if accepted.startswith(("id", "in")) else DEFAULT_LANGUAGE)


def read_preferences(given: Mapping[str, str]) -> Preferences:
    """Return preferences that were sent; what is none of the choices is left as it is without any."""
    language, theme, zone_name = given.get("language", ""), given.get("theme", ""), given.get("zone", "")
    try:
        zone(zone_name)
    except ValueError:
        zone_name = DEFAULT_ZONE
    return Preferences(
        language=language if language in LANGUAGES else DEFAULT_LANGUAGE,
        zone=zone_name,
        theme=theme if theme in THEMES else "system",
    )
