"""Legal holds: while one is in force, nothing within its scope may be erased (domain.md 7.10). Deferrals, likewise.

A hold is on one data subject, or wider, on a stream of the ledger itself. What a wide one means by its scope is free
text: where that names data subjects only, it is on those; whatever else it says, nothing may be erased, since an
erasure cannot be taken back and a hold can.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ledger.domain.audit import Hold, Subject, begin_subject, erasure_status
from ledger.domain.audit_events import ErasureDeferred, ErasureRequested, LegalHoldPlaced, LegalHoldReleased
from ledger.domain.catalogue import CORRECTIONS, STREAMS, kind_of, read_payload
from ledger.domain.fact import Fact, known
from ledger.domain.instants import LATEST
from ledger.domain.ledger_stream import Ledger
from ledger.entry import fact_of
from ledger.errors import Deferred, Held
from ledger.intake import LogInfo
from ledger.store import Reader, statements

HOLD_TYPES = (
    *(event.event_type for event in (LegalHoldPlaced, LegalHoldReleased, ErasureRequested, ErasureDeferred)),
    *sorted(CORRECTIONS),
)
OWN_SIDE = frozenset({"PLATFORM", "HOLDER", "APPLICATION"})
"""Kinds of logs whose holds are on what they hold themselves; those of authorities and forums are on every log."""


def counting_logs(logs: Sequence[LogInfo], erasing: Sequence[LogInfo]) -> list[LogInfo]:
    """Return those of all logs of a ledger whose holds forbid to erase in the logs `erasing`.

    Those that are erased in, and those of authorities, forums and registers.
    """
    targets = {log.log_id for log in erasing}
    return [log for log in logs if log.log_id in targets or log.kind not in OWN_SIDE]


async def check_holds(reader: Reader, counting: Sequence[LogInfo], subject: str, moment: datetime) -> None:
    """Raise Held or Deferred where at `moment` one of these logs forbids to erase a data subject, or puts it off."""
    slugs = {log.log_id: log.slug for log in counting}
    streams: dict[tuple[int, str], list[Fact]] = {}
    for row in await reader.fetch(statements("read_holds"), list(slugs), subject, list(HOLD_TYPES)):
        streams.setdefault((row["log_id"], row["subject"]), []).append(fact_of(row["entry"]))
    for (log_id, holder), facts in streams.items():
        state = _known_state(holder, facts)
        for hold in state.holds:
            if hold.in_force(moment) and (holder == subject or covers(hold, subject)):
                raise Held(slugs[log_id], hold.placed_by)
        if isinstance(state, Subject) and erasure_status(state, moment) == "DEFERRED":
            last = state.deferrals[-1]
            raise Deferred(slugs[log_id], last.deferred_by, last.until, last.ground)


def covers(hold: Hold, subject: str) -> bool:
    """Tell whether a wide hold is on a data subject, by its scope."""
    scope: Iterable[str] = (hold.scope,) if isinstance(hold.scope, str) else hold.scope or ()
    named = list(scope)
    return not named or subject in named or any(kind_of(text) != "subject" for text in named)


def _known_state(subject: str, facts: Sequence[Fact]) -> Subject | Ledger:
    """Return the state of all that is known, however late it was recorded: what is erased is erased for ever."""
    state = STREAMS[kind_of(subject)].fold(known(facts, read_payload), LATEST, "CERTAIN")
    return state if isinstance(state, Subject | Ledger) else begin_subject(subject)
