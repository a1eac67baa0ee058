"""† values of one event encrypted as an append does it, by a ledger's own keys."""

from typing import Any

from ledger.domain.payload import Payload
from ledger.intake import LogInfo
from ledger.keys import KeyRing
from ledger.personal import find_personal


async def seal(
    ring: KeyRing,
    log: LogInfo,
    event_id: str,
    shape: type[Payload],
    data: dict[str, Any],
    pointer: str = "/data",
    *,
    keep: bool = True,
) -> bool:
    """Replace the † values of decoded data by ciphertext, in place; tell whether there were any."""
    personal = find_personal(shape, data, pointer=pointer)
    if personal is None:
        return False
    held = ring.held(log)
    await ring.hold([personal], held, keep=keep)
    held.seal(event_id, personal)
    return True
