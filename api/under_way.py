"""How much one token may have under way at once: more is answered 429, and nothing of it is read."""

from collections import Counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.gate import CREDENTIAL_KEY
from api.problems import TooManyAtOnce, refusal
from ledger.tokens import Credential

UNDER_WAY_MAX = 128
"""POSTs of one token: twice what keeps a log's sequencer busy, and so a bound for what one client's bodies take."""


def bounding(app: ASGIApp, most: int = UNDER_WAY_MAX) -> ASGIApp:
    """Return the application, answering 429 to a POST of a token that has `most` under way."""
    under_way: Counter[str] = Counter()  # by token id; ids without any are dropped

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        posted = scope["type"] == ScopeType.HTTP and scope["method"] == "POST"
        credential = scope["state"].get(CREDENTIAL_KEY) if posted else None
        if not isinstance(credential, Credential):
            await app(scope, receive, send)
            return
        token = credential.token_id
        if under_way[token] >= most:
            too_many = TooManyAtOnce(f"this token has {most} requests under way; wait for their answers")
            await refusal(too_many)(scope, receive, send)
            return
        under_way[token] += 1
        try:
            await app(scope, receive, send)
        finally:
            under_way[token] -= 1
            if not under_way[token]:
                del under_way[token]

    return bounded
