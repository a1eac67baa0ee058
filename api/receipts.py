"""Receipts and checkpoints: the proof of an entry, checkpoints by size, and that a log only grew."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of, must_read
from api.bodies import json_response
from api.queries import one, read_count, read_query
from api.service import Service
from ledger.checkpoints import checkpoint_at
from ledger.errors import Busy, Fault, LogHalted, NotFound, Refused, SettingError, VaultError
from ledger.intake import LogInfo
from ledger.judging import Receipt
from ledger.receipts import make_receipt, make_receipts, prove_growth
from ledger.store import find_event, read_heads
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import parse_note

TEXT = "text/plain"
"""Notes and proofs are text for people too; the framework adds that it is UTF-8."""
SIZE_MAX = 2**63 - 1
PREFERENCE = "wait=checkpoint"
"""The preference (RFC 7240) with which who appends waits until a checkpoint covers what was appended."""


class ProvedReceipt(Receipt, frozen=True, kw_only=True):
    """A receipt with its proof: a C2SP tlog-proof, which holds the signed checkpoint."""

    proof: str


def waits_for_checkpoint(request: Request[Any, Any, Any]) -> bool:
    """Tell whether who asks prefers to wait for a checkpoint. Other preferences are passed over, as RFC 7240 asks."""
    said = [value.decode("latin-1") for name, value in request.scope["headers"] if name == b"prefer"]
    preferences = ",".join(said).split(",")
    return PREFERENCE in (preference.partition(";")[0].strip().lower() for preference in preferences)


async def with_proofs(service: Service, log: LogInfo, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
    """Return receipts with their proofs, once a checkpoint covers them.

    Where none does in time, or nothing can be signed, they are returned as they are: the events are stored all the
    same, and their proofs can be asked for later.
    """
    try:
        note = await service.covering(log, max((receipt.position for receipt in receipts), default=-1) + 1)
    except (Busy, LogHalted, SettingError, VaultError):
        return receipts
    leaves = {receipt.position: bytes.fromhex(receipt.leaf_hash) for receipt in receipts}
    proofs = await make_receipts(service.database.pool("reader"), log, leaves, note)
    names = Receipt.__struct_fields__
    return [
        ProvedReceipt(**{name: getattr(receipt, name) for name in names}, proof=proofs[receipt.position].decode())
        for receipt in receipts
    ]


def preference_applied(receipts: Sequence[object]) -> dict[str, str]:
    """Return the header (RFC 7240) that says whether an append has waited; none where it has not."""
    return {"Preference-Applied": PREFERENCE} if any(isinstance(one, ProvedReceipt) for one in receipts) else {}


@get("/v1/logs/{slug:str}/events/{event_id:str}/proof")
async def show_proof(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], event_id: FromPath[str]
) -> Response[bytes]:
    """Prove that the log holds an event: a tlog-proof under the first checkpoint that covers it, or `?size=`'s."""
    given = read_query(request, ("size",))
    reader = service.database.pool("reader")
    log = await _readable(request, service, slug)
    found = await find_event(reader, log.log_id, event_id)
    size = read_count(given, "size", found.position + 1, SIZE_MAX)
    if size <= found.position:
        raise Refused((Fault("invalid-parameter", "/size", f"the event is at position {found.position}"),))
    note = await (checkpoint_at(reader, log, size) if "size" in given else service.covering(log, size))
    if note is None:
        raise NotFound(f"log {slug} has signed no checkpoint of {size} entries")
    receipt = await make_receipt(reader, log, found.position, leaf_hash(found.entry), note)
    return Response(receipt, media_type=TEXT)


@get("/v1/logs/{slug:str}/checkpoints/{size:int}")
async def show_checkpoint(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], size: FromPath[int]
) -> Response[bytes]:
    """Show the checkpoint that a log has signed at this size, with every signature on it."""
    read_query(request, ())
    log = await _readable(request, service, slug)
    inside = 0 <= size <= SIZE_MAX
    note = await checkpoint_at(service.database.pool("reader"), log, size) if inside else None
    if note is None:
        raise NotFound(f"log {slug} has signed no checkpoint of {size} entries")
    return Response(note, media_type=TEXT)


@get("/v1/logs/{slug:str}/consistency")
async def show_consistency(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Prove that a log only grew between two sizes: `?from=` and `?to=`, by default that of its newest checkpoint."""
    given = read_query(request, ("from", "to"))
    reader = service.database.pool("reader")
    log = await _readable(request, service, slug)
    head = (await read_heads(reader, [slug]))[0]
    newest = await service.newest_checkpoint(log)
    signed = head.size if newest is None else parse_checkpoint(parse_note(newest).text).size
    new = 0 if one(given, "to") == "0" else read_count(given, "to", signed, SIZE_MAX)
    old = 0 if one(given, "from") in {None, "0"} else read_count(given, "from", 0, SIZE_MAX)
    if new > head.size:
        raise Refused((Fault("invalid-parameter", "/to", f"the log has {head.size} entries"),))
    if old > new:
        raise Refused((Fault("invalid-parameter", "/from", f"is after {new}, to which it is to be proved"),))
    old_root, root, proof = await prove_growth(reader, log, old, new)
    return json_response(
        {
            "log": slug,
            "from": {"size": old, "root": old_root.hex()},
            "to": {"size": new, "root": root.hex()},
            "proof": [value.hex() for value in proof],
        }
    )


async def _readable(request: Request[Any, Any, Any], service: Service, slug: str) -> LogInfo:
    log = await service.find_log(slug)
    must_read(credential_of(request), log)
    return log


ROUTES = (show_proof, show_checkpoint, show_consistency)
