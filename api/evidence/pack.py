"""The files of an evidence pack, by path: entries, receipts, checkpoints, keys, what follows, and how to verify it."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct

from api.evidence.gathering import Gathered, described
from api.service import Service
from api.timeline import flags_by_event
from ledger.checkpoints import log_keys
from ledger.entry import encode_canonical, masked, read_entry
from ledger.intake import LogInfo
from ledger.receipts import make_receipts
from ledger.store import statements
from ledger.tile_source import describe_log
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import parse_note
from projections.inquiry import Inquiry
from projections.moment import LogAt
from projections.timeline import describe, records_of

PACK_VERSION = 1
"""Grows when the files of a pack are named or written otherwise."""
HOW_TO = ("VERIFY.md", "verify.py")
Files = dict[str, bytes]


class LogPart(Struct, frozen=True, kw_only=True):
    """What a pack holds of one log: its files, what pack.json says of it, and of its events."""

    files: Files
    log: dict[str, Any]
    events: list[dict[str, Any]]


async def pack_files(service: Service, inquiry: Inquiry, subject: str, gathered: Gathered) -> Files:
    """Return the files of a pack by path. Raises Busy where no checkpoint covers what it holds in time."""
    by_log: dict[int, list[str]] = {}
    for stream in gathered.all:
        by_log.setdefault(stream.log.log_id, []).append(stream.subject)
    parts = {
        inquiry.log_at(log_id).log.slug: await _log_part(service, inquiry.log_at(log_id), subjects)
        for log_id, subjects in sorted(by_log.items())
    }
    pack = {
        "version": PACK_VERSION,
        "subject": subject,
        "asked": inquiry.moment.describe(),
        "logs": {slug: part.log for slug, part in parts.items()},
        "events": [event for part in parts.values() for event in part.events],
        "references": gathered.references,
    }
    files: Files = {path: content for part in parts.values() for path, content in part.files.items()}
    files |= {name: resources.files("api.evidence").joinpath(name).read_bytes() for name in HOW_TO}
    destroyed = frozenset[bytes]().union(*[await service.destroyed(stream.log) for stream in gathered.all])
    files["pack.json"] = _json(pack)
    files["state.json"] = masked(_json({"items": _states(gathered)}), destroyed)
    files["timeline.json"] = masked(_json({"items": await _timeline(inquiry, gathered)}), destroyed)
    return files


async def _log_part(service: Service, at: LogAt, subjects: Sequence[str]) -> LogPart:
    """Return entries and receipts of streams of a log, under the first checkpoint that covers all that is asked of."""
    reader, log, folder = service.database.pool("reader"), at.log, f"logs/{at.log.slug}"
    rows = await reader.fetch(statements("read_streams"), log.log_id, list(subjects), at.size)
    entries = {int(read_entry(row["entry"]).sequence): bytes(row["entry"]) for row in rows}
    note = await service.covering(log, at.size)
    checkpoint = parse_checkpoint(parse_note(note).text)
    receipts = await make_receipts(reader, log, {place: leaf_hash(entry) for place, entry in entries.items()}, note)
    keys = [str(key) for key in await log_keys(reader, log.log_id) if key.name == checkpoint.origin]
    files = {
        f"{folder}/checkpoint": note,
        f"{folder}/keys": "".join(f"{key}\n" for key in keys).encode(),
        f"{folder}/log.json": encode_canonical(describe_log(log)),
        **{_entry_path(log, place): entry for place, entry in entries.items()},
        **{_receipt_path(log, place): receipt for place, receipt in receipts.items()},
    }
    return LogPart(
        files=files,
        log={
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "checkpoint": f"{folder}/checkpoint",
            "keys": f"{folder}/keys",
        },
        events=[_event(log, place, entries[place]) for place in sorted(entries)],
    )


def _event(log: LogInfo, position: int, entry: bytes) -> dict[str, Any]:
    said: Mapping[str, Any] = msgspec.json.decode(entry)
    return {
        **{name: said[name] for name in ("log", "id", "type", "subject", "recordedtime")},
        "position": position,
        "leaf_hash": leaf_hash(entry).hex(),
        "entry": _entry_path(log, position),
        "receipt": _receipt_path(log, position),
    }


def _entry_path(log: LogInfo, position: int) -> str:
    return f"logs/{log.slug}/entries/{position:020}.json"


def _receipt_path(log: LogInfo, position: int) -> str:
    return f"logs/{log.slug}/receipts/{position:020}.tlog-proof"


def _states(gathered: Gathered) -> list[dict[str, Any]]:
    """Return the state of every stream at the moment; null before any."""
    return [{"log": stream.log.slug, "subject": stream.subject, "state": described(stream)} for stream in gathered.all]


async def _timeline(inquiry: Inquiry, gathered: Gathered) -> list[dict[str, Any]]:
    """Return the events of the subject as /v1/subject/timeline does, the voided ones too."""
    flagged = await flags_by_event(inquiry, gathered.streams)
    return [
        describe(stream, record, flags.get(record.fact.id, ()))
        for stream, flags in zip(gathered.streams, flagged, strict=True)
        for record in records_of(stream, voided=True)
    ]


def _json(value: object) -> bytes:
    return msgspec.json.format(encode_canonical(value), indent=2) + b"\n"
