"""Legal holds: while one is in force, nothing within its scope may be erased (domain.md 7.10).

A hold is on one data subject, or wider, on a stream of the ledger itself. What a wide one means by its scope is free
text: where that names data subjects only, it is on those; whatever else it says, nothing may be erased, since an
erasure cannot be taken back and a hold can.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ledger.domain.audit import Hold, Ledger, Subject
from ledger.domain.audit_events import LegalHoldPlaced, LegalHoldReleased
from ledger.domain.catalogue import CORRECTIONS, STREAMS, kind_of, read_payload
from ledger.domain.fact import Fact, known
from ledger.domain.instants import LATEST
from ledger.entry import fact_of
from ledger.errors import Held
from ledger.intake import LogInfo
from ledger.store import Reader, statements

HOLD_TYPES = (LegalHoldPlaced.event_type, LegalHoldReleased.event_type, *sorted(CORRECTIONS))
OWN_SIDE = frozenset({"PLATFORM", "HOLDER", "APPLICATION"})
"""Kinds of logs whose holds are on what they hold themselves; those of authorities and forums are on every log."""


async def check_holds(
    reader: Reader, logs: Sequence[LogInfo], erasing: Sequence[LogInfo], subject: str, moment: datetime
) -> None:
    """Raise Held where at `moment` a hold forbids to erase a data subject in the logs `erasing`.

    Of all `logs` of the ledger those count that are erased in, and those of authorities, forums and registers.
    """
    targets = {log.log_id for log in erasing}
    slugs = {log.log_id: log.slug for log in logs if log.log_id in targets or log.kind not in OWN_SIDE}
    streams: dict[tuple[int, str], list[Fact]] = {}
    for row in await reader.fetch(statements("read_holds"), list(slugs), subject, list(HOLD_TYPES)):
        streams.setdefault((row["log_id"], row["subject"]), []).append(fact_of(row["entry"]))
    for (log_id, holder), facts in streams.items():
        for hold in _holds(holder, facts):
            if hold.in_force(moment) and (holder == subject or covers(hold, subject)):
                raise Held(slugs[log_id], hold.placed_by)


def covers(hold: Hold, subject: str) -> bool:
    """Tell whether a wide hold is on a data subject, by its scope."""
    scope: Iterable[str] = (hold.scope,) if isinstance(hold.scope, str) else hold.scope or ()
    named = list(scope)
    return not named or subject in named or any(kind_of(text) != "subject" for text in named)


def _holds(subject: str, facts: Sequence[Fact]) -> tuple[Hold, ...]:
    """Return every hold that is known, however late it was recorded: what is erased is erased for ever."""
    state = STREAMS[kind_of(subject)].fold(known(facts, read_payload), LATEST, "CERTAIN")
    return state.holds if isinstance(state, Subject | Ledger) else ()
