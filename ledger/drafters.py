"""Who drafts large bodies beside the event loop: companions, which do `drafting`.

Where one cannot draft a body, or has failed, the service drafts it itself.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from ledger.companion import Companion
from ledger.drafting import Job
from ledger.entry import Draft
from ledger.intake import BODY_MAX_BYTES, Author, Form, LogInfo

OFFLOAD_MIN_BYTES = 64 * 1024
"""Smaller bodies are drafted sooner than they are sent."""
FRAME_MAX_BYTES = 4 * BODY_MAX_BYTES
DRAFT_SECONDS = 30
"""Longer than the largest body takes; a drafter that does not answer by then is replaced."""
_drafts = msgspec.msgpack.Decoder(list[Draft])
_encode = msgspec.msgpack.Encoder().encode


class Drafters:
    """Several drafters; a body goes to the one that has waited longest."""

    def __init__(self, count: int) -> None:
        """Take how many there are to be; with none, every body is left to the service."""
        self._idle = [Companion("ledger.drafting", FRAME_MAX_BYTES, DRAFT_SECONDS) for _ in range(count)]
        self._turn = 0

    async def draft(self, form: Form, body: bytes, log: LogInfo, author: Author) -> Sequence[Draft] | None:
        """Return the drafts of a body; None where the service must draft it itself."""
        if not self._idle or len(body) < OFFLOAD_MIN_BYTES:
            return None
        self._turn = (self._turn + 1) % len(self._idle)
        return await self._idle[self._turn].ask(_encode(Job(form, body, log, author)), _drafts.decode)

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(drafter.close() for drafter in self._idle))
