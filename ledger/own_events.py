"""What the ledger itself says in a log: from a source of its own, in the role that no token has."""

from datetime import datetime

import msgspec

from ledger.domain.payload import Payload
from ledger.intake import EventData

LEDGER_ROLE = "SYSTEM"
"""No token has it: nobody else can say that a key is destroyed. Who asked the ledger is named by the author's id."""
SOURCE = "/ledger"


def own_event(event_id: str, subject: str, time: datetime, payload: Payload) -> EventData:
    """Return an event of the ledger's own, to be checked and appended as any other is."""
    return EventData(
        specversion="1.0",
        id=event_id,
        source=SOURCE,
        type=payload.event_type,
        subject=subject,
        time=time,
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )
