"""Reading from the service: pages of events, and all that proves a receipt. Pure: see `exchange`."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from msgspec import Struct

from api.calling.appending import Event, Receipt
from api.calling.exchange import Call, Exchange, Retries, ask, shaped
from api.calling.proving import check_entry, check_id, prove
from ledger.errors import Tampered
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import VerifierKey

PAGE_EVENTS = 1_000
"""Events of a page: the most that the service gives."""
Query: TypeAlias = str | int | bool | Iterable[str]
"""What a query may hold: a list is repeated."""


class Page(Struct, frozen=True):
    """A page of a list: its items, and the cursor of the next, None on the last."""

    items: tuple[dict[str, Any], ...]
    next: str | None = None


def read_page(log: str | None, query: Mapping[str, Query], cursor: str | None, retries: Retries) -> Exchange[Page]:
    """Return a page of a log's events, or of those of every log that may be read. Raises what `ask` does."""
    path = "/v1/events" if log is None else f"/v1/logs/{log}/events"
    at = {} if cursor is None else {"cursor": cursor}
    call = Call("GET", path, {"limit": PAGE_EVENTS, **query, **at}, {"Accept": "application/json"})
    page: Page = yield from shaped(call, Page, retries)
    return page


def verify_receipt(
    log: str, event: Event, receipt: Receipt, keys: tuple[VerifierKey, ...], retries: Retries
) -> Exchange[Checkpoint]:
    """Return the checkpoint, signed by one of `keys`, under which a log holds what was sent where a receipt says.

    The entry and, unless the receipt has it, the proof are asked for. Raises Tampered, and what `ask` does.
    """
    event_id = str(event.get("id"))
    if not keys:
        raise Tampered(f"receipt of {event_id} in log {log}", "nothing proves it without a public key of the log")
    check_id(log, event_id, receipt)
    path = f"/v1/logs/{log}/events/{quote(event_id, safe='')}"
    entry = yield from ask(Call("GET", f"{path}/entry"), retries)
    check_entry(log, event, receipt, entry.content)
    proof = receipt.proof.encode() if receipt.proof is not None else None
    if proof is None:
        answer = yield from ask(Call("GET", f"{path}/proof"), retries)
        proof = answer.content
    return prove(log, receipt, proof, keys)
