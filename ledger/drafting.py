"""What a drafter does, as a program of its own: `python -m ledger.drafting` (who asks it: `drafters`).

Reading and checking a batch is the larger half of an append's work, and needs nothing but the batch. A drafter gets a
body and answers with drafts, or with nothing where the body is not one that it can draft: a fault to explain, a †
field to encrypt, a correction whose target must be looked up.
"""

import msgspec
from msgspec import Struct

from ledger.attending import attend
from ledger.domain.catalogue import CORRECTIONS
from ledger.entry import Draft
from ledger.errors import JejakError, Refused
from ledger.intake import Author, Form, Intake, LogInfo, check_event
from ledger.personal import may_be_personal


class Job(Struct, array_like=True):
    """A body to draft."""

    form: Form
    body: bytes
    log: LogInfo
    author: Author


_jobs = msgspec.msgpack.Decoder(Job)
_encode = msgspec.msgpack.Encoder().encode


def draft(job: Job, intake: Intake) -> list[Draft] | None:
    """Return the drafts of a body; None for one that the service must look at itself."""
    try:
        events = intake.read(job.form, job.body)
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


def main() -> None:
    """Draft what comes in until nobody asks any more."""
    intake = Intake()

    def answer(frame: memoryview) -> bytes:
        drafts = draft(_jobs.decode(frame), intake)
        return b"" if drafts is None else _encode(drafts)

    attend(answer)


if __name__ == "__main__":
    main()
