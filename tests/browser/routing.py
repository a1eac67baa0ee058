"""Which route of the application serves a path."""

import re
from urllib.parse import urlsplit


def serves(route: str, path: str) -> bool:
    """Tell whether a route, such as `GET /workbench/lists/{name}`, is the one that serves a path."""
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(route.removeprefix("GET ")))
    return re.fullmatch(pattern, urlsplit(path).path) is not None
