"""How requests leave: with the token, which nothing shows, and as httpx has them."""

from collections.abc import Generator

import httpx

from api.calling.exchange import Call

TIMEOUT_SECONDS = 60
"""How long an answer may take: a list on basis SOURCE folds up to a million events."""


class BearerToken(httpx.Auth):
    """Adds the token to each request, and holds it where nothing prints it."""

    def __init__(self, token: str) -> None:
        """Take the token."""
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Send a request with the token."""
        request.headers["Authorization"] = self._header
        yield request


def request_of(http: httpx.Client | httpx.AsyncClient, call: Call) -> httpx.Request:
    """Return the request that a call is."""
    return http.build_request(call.method, call.path, params=call.query, headers=call.headers, content=call.content)
