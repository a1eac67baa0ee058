"""Bodies of requests as they come in: whole, in pieces, too long, or from a client that leaves."""

from collections.abc import Sequence
from typing import Any

import pytest

from api.bodies import whole_body
from ledger.errors import TooLarge, Unreadable
from ledger.intake import BODY_MAX_BYTES

LEFT: dict[str, Any] = {"type": "http.disconnect"}
LONGEST = b" " * BODY_MAX_BYTES


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def read(messages: Sequence[dict[str, Any]], announced: bytes | None = None) -> tuple[bytes, int]:
    """Return the body that comes in messages, and how many of them were not asked for."""
    left = list(messages)

    async def receive() -> Any:  # noqa: ANN401 - ASGI
        return left.pop(0)

    headers = [(b"content-type", b"application/json")]
    if announced is not None:
        headers.append((b"content-length", announced))
    return await whole_body(headers, receive), len(left)


async def test_a_body_is_joined_from_its_pieces_and_no_more_is_asked_for() -> None:
    assert await read([piece(b"a", more=True), piece(b"", more=True), piece(b"b", more=False), LEFT]) == (b"ab", 1)
    assert await read([piece(b"", more=False), LEFT]) == (b"", 1)
    assert await read([piece(LONGEST, more=False)], b"%d" % BODY_MAX_BYTES) == (LONGEST, 0)


async def test_a_body_that_is_announced_too_long_is_refused_before_any_of_it_is_asked_for() -> None:
    with pytest.raises(TooLarge):
        await read([], b"%d" % (BODY_MAX_BYTES + 1))


@pytest.mark.parametrize("announced", [None, b"1", b"-1", b"many"])
async def test_a_body_that_grows_too_long_is_refused_whatever_was_announced(announced: bytes | None) -> None:
    with pytest.raises(TooLarge):
        await read([piece(LONGEST, more=True), piece(b" ", more=True)], announced)  # nor is a third asked for
    with pytest.raises(TooLarge):
        await read([piece(LONGEST, more=True), piece(b" ", more=False)], announced)


async def test_a_body_whose_client_leaves_is_never_taken_for_whole() -> None:
    with pytest.raises(Unreadable):
        await read([piece(b"[]", more=True), LEFT])
