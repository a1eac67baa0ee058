"""What the ledger records of a log in that log itself, in its stream `ledger:<slug>`, in the role that no token has."""

from ledger.database import Database
from ledger.domain.payload import Payload
from ledger.entry import read_entry
from ledger.errors import NotFound
from ledger.intake import Author, LogInfo, check_event
from ledger.own_events import LEDGER_ROLE, own_event
from ledger.sequencer import Sequencer
from ledger.store import find_event, read_clock

AUTHOR = Author(authid="ledger", authrole=LEDGER_ROLE)
"""Whoever holds the keys folder has asked for it, at the command line; no credential stands for that."""


async def record_once(
    database: Database, log: LogInfo, event_id: str, payload: Payload, *, reopening: bool = False
) -> None:
    """Append an event about a log to the log, unless the ledger has; a halted log takes only what is `reopening` it.

    Raises what `Sequencer.append` does.
    """
    if not await _is_recorded(database, log, event_id):
        now = await read_clock(database.pool("reader"))
        event = own_event(event_id, f"ledger:{log.slug}", now, payload)
        sequencer = Sequencer(log, database.pool("writer"), lambda _log, _size: None, reopening=reopening)
        try:
            await sequencer.append([check_event(event, log, AUTHOR)])
        finally:
            await sequencer.close()


async def _is_recorded(database: Database, log: LogInfo, event_id: str) -> bool:
    """Tell whether the ledger itself has recorded this event; what another put under its id is refused as repeated."""
    try:
        found = await find_event(database.pool("reader"), log.log_id, event_id)
    except NotFound:
        return False
    return read_entry(found.entry).authrole == LEDGER_ROLE
