"""Large bodies are drafted beside the event loop, by companions: `python -m api.drafting`.

Reading and checking a batch is the larger half of an append's work, and needs nothing but the batch. A drafter gets a
body and answers with drafts, or with nothing where the body is not one that it can draft: a fault to explain, a †
field to encrypt, a correction whose target must be looked up. The service then drafts it itself, as it does where a
drafter has failed.
"""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from api.bodies import read_events
from ledger.appender import may_be_personal
from ledger.attending import attend
from ledger.companion import Companion
from ledger.domain.catalogue import CORRECTIONS
from ledger.entry import Draft
from ledger.errors import JejakError, Refused
from ledger.intake import BODY_MAX_BYTES, Author, Intake, LogInfo, check_event

OFFLOAD_MIN_BYTES = 64 * 1024
"""Smaller bodies are drafted sooner than they are sent."""
FRAME_MAX_BYTES = 4 * BODY_MAX_BYTES
DRAFT_SECONDS = 30
"""Longer than the largest body takes; a drafter that does not answer by then is replaced."""


class Job(Struct, array_like=True):
    """A body to draft."""

    media: str
    body: bytes
    log: LogInfo
    author: Author


_jobs = msgspec.msgpack.Decoder(Job)
_drafts = msgspec.msgpack.Decoder(list[Draft])
_encode = msgspec.msgpack.Encoder().encode


def draft(job: Job, intake: Intake) -> list[Draft] | None:
    """Return the drafts of a body; None for one that the service must look at itself."""
    try:
        events = read_events(intake, job.media, job.body)
    except JejakError:
        return None
    drafts: list[Draft] = []
    for event in events:
        if isinstance(event, Refused) or event.type in CORRECTIONS or may_be_personal(event.type):
            return None
        try:
            drafts.append(check_event(event, job.log, job.author))
        except Refused:
            return None
    return drafts


class Drafters:
    """Several drafters; a body goes to the one that has waited longest."""

    def __init__(self, count: int) -> None:
        """Take how many there are to be; with none, every body is left to the service."""
        self._idle = [Companion("api.drafting", FRAME_MAX_BYTES, DRAFT_SECONDS) for _ in range(count)]
        self._turn = 0

    async def draft(self, media: str, body: bytes, log: LogInfo, author: Author) -> Sequence[Draft] | None:
        """Return the drafts of a body; None where the service must draft it itself."""
        if not self._idle or len(body) < OFFLOAD_MIN_BYTES:
            return None
        self._turn = (self._turn + 1) % len(self._idle)
        return await self._idle[self._turn].ask(_encode(Job(media, body, log, author)), _drafts.decode)

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(drafter.close() for drafter in self._idle))


def main() -> None:
    """Draft what comes in until nobody asks any more."""
    intake = Intake()

    def answer(frame: memoryview) -> bytes:
        drafts = draft(_jobs.decode(frame), intake)
        return b"" if drafts is None else _encode(drafts)

    attend(answer)


if __name__ == "__main__":
    main()
