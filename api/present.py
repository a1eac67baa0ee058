"""What is known now of one stream: the present that rights depend on, never a question's own moment."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.fact import Fact, known
from ledger.domain.stream import State
from ledger.intake import LogInfo
from ledger.store import Reader, read_clock, read_heads, read_streams


class Present(Struct, frozen=True, kw_only=True):
    """A stream of one log: its state now, as far as it is certain, the events that led to it, and when that is."""

    log: LogInfo
    state: State
    facts: Sequence[Fact]
    now: datetime


async def present_of(reader: Reader, logs: Sequence[LogInfo], subject: str) -> list[Present]:
    """Return a stream as it is now in each of these logs that knows it."""
    now = await read_clock(reader)
    found: list[Present] = []
    for head in await read_heads(reader, [log.slug for log in logs]) if logs else ():
        recorded = (await read_streams(reader, head.log.log_id, [subject], head.size)).get(subject)
        facts = [fact for fact in known(recorded or (), read_payload) if fact.when("CERTAIN") <= now]
        state = STREAMS[kind_of(subject)].fold(facts, now, "CERTAIN") if facts else None
        if state is not None:
            found.append(Present(log=head.log, state=state, facts=facts, now=now))
    return found
