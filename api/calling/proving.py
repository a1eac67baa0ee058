"""Proving receipts: that the log which a key belongs to holds exactly what was sent. Pure.

A receipt is a promise of who runs the ledger. It is proved by the entry (its leaf hash, and that it says what was sent)
and by a tlog-proof under a checkpoint that the log's own key signed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from api.calling.appending import Event, Receipt
from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object
from ledger.errors import Tampered
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import NoteError, VerifierKey
from ledger.tlog.proof import ProofError
from ledger.tlog.receipt import check_receipt, parse_proof

INSTANTS = frozenset({"time", "timelatest", "sourcetime"})
NEVER_STORED = frozenset({"expectedversion"})
Keys: TypeAlias = tuple[VerifierKey, ...]
CIPHERTEXT = "enc:v1:"
"""How a † value begins in an entry: it cannot be compared, and its subject's key decides who may read it."""


def prove(log: str, receipt: Receipt, proof: bytes, keys: Keys) -> Checkpoint:
    """Return the checkpoint under which a receipt's leaf stands at its position. Raises Tampered."""
    place = f"receipt of {receipt.id} in log {log}"
    try:
        parsed = parse_proof(proof)
        if parsed.index != receipt.position:
            raise Tampered(place, f"the proof is of position {parsed.index}, the receipt of {receipt.position}")
        return check_receipt(parsed, bytes.fromhex(receipt.leaf_hash), keys)
    except (NoteError, ProofError, ValueError) as error:
        raise Tampered(place, str(error)) from error


def check_receipts(log: str, ids: Sequence[str], receipts: Sequence[Receipt | None], keys: Keys) -> None:
    """Check that each receipt is of the event that was sent, and its proof, where it has one and there are keys.

    Raises Tampered.
    """
    if len(ids) != len(receipts):
        raise Tampered(f"receipts of log {log}", f"{len(ids)} events were sent, and these are of {len(receipts)}")
    for event_id, receipt in zip(ids, receipts, strict=True):
        if receipt is not None:
            check_id(log, event_id, receipt)
            if receipt.proof is not None and keys:
                prove(log, receipt, receipt.proof.encode(), keys)


def check_id(log: str, event_id: str, receipt: Receipt) -> None:
    """Raise Tampered unless a receipt is that of this event."""
    if receipt.id != event_id:
        raise Tampered(f"receipt of {event_id} in log {log}", f"is that of {receipt.id}")


def check_entry(log: str, event: Event, receipt: Receipt, entry: bytes) -> None:
    """Raise Tampered unless an entry is the one of the receipt, and says what was sent."""
    place = f"entry of {receipt.id} in log {log}"
    if leaf_hash(entry).hex() != receipt.leaf_hash:
        raise Tampered(place, "its leaf hash is not the receipt's")
    stored: dict[str, Any] = msgspec.json.decode(entry, type=dict[str, Any])
    for name in event.keys() - NEVER_STORED:
        if not _agrees(name, event[name], stored.get(name)):
            raise Tampered(place, f"its {name} is not what was sent")
    if (stored["sequence"], stored["log"]) != (f"{receipt.position:020}", log):
        raise Tampered(place, "it stands at another position, or in another log")


def _agrees(name: str, sent: Any, stored: Any) -> bool:  # noqa: ANN401 - decoded JSON
    if name in INSTANTS and isinstance(sent, str) and isinstance(stored, str):
        return parse_instant(sent) == parse_instant(stored)
    return _same(sent, stored)


def _same(sent: Any, stored: Any) -> bool:  # noqa: ANN401 - decoded JSON
    """Tell whether a value is stored as it was sent: nulls are left out, and what is encrypted is not compared."""
    if isinstance(stored, str) and stored.startswith(CIPHERTEXT):
        return True
    if is_object(sent) and (is_object(stored) or stored is None):
        there: Mapping[str, Any] = stored or {}
        return all(_same(sent.get(name), there.get(name)) for name in sent.keys() | there.keys())
    if is_array(sent) and is_array(stored):
        return len(sent) == len(stored) and all(map(_same, sent, stored))
    return type(sent) is type(stored) and bool(sent == stored)
