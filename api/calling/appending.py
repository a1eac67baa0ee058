"""Appending through the service: batches, one result for each event, and the same ids again until all are settled.

Pure: see `exchange`.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from api.calling.exchange import RETRIED, Call, Exchange, Pause, Retries, ServiceError, ServiceUnavailable, shaped

BATCH_EVENTS = 1_000
"""Events of one request: a tenth of what the service takes, so that a lost answer costs little to ask for again."""
BATCH_BYTES = 4 * 1024 * 1024
"""Of a request unpacked: a quarter of what the service takes."""
PACKED_FROM_BYTES = 16 * 1024
"""Smaller bodies are sent as they are."""
GZIP_LEVEL = 1
MEDIA_TYPE = "application/x-ndjson"
Event: TypeAlias = Mapping[str, Any]


class Receipt(Struct, frozen=True, kw_only=True):
    """What the ledger gave for one event (contract section 2); `proof` where a checkpoint was waited for."""

    id: str
    position: int
    version: int
    recordedtime: str
    leaf_hash: str
    duplicate: bool = False
    proof: str | None = None


class Result(Struct, frozen=True, kw_only=True):
    """What came of one event: `index` counts those that were given, and either `receipt` or `problem` is there."""

    index: int
    id: str
    status: int
    receipt: Receipt | None = None
    problem: dict[str, Any] | None = None


class Answered(Struct, frozen=True, kw_only=True):
    """One result of an answer 207, as the service sends it."""

    index: int
    status: int
    receipt: Receipt | None = None
    problem: dict[str, Any] | None = None


class Several(Struct, frozen=True):
    """The answer 207."""

    results: tuple[Answered, ...]


class Taken(Struct, frozen=True):
    """The answer to a request that was taken whole."""

    receipts: tuple[Receipt, ...]


class Line(Struct, frozen=True):
    """An event that is to be sent: which one, its id, and its JSON."""

    index: int
    id: str
    body: bytes


def batches(events: Iterable[Event]) -> Iterator[list[Line]]:
    """Yield events in order, as many at once as a request should have."""
    batch: list[Line] = []
    size = 0
    for index, event in enumerate(events):
        body = msgspec.json.encode(event)
        if batch and (len(batch) == BATCH_EVENTS or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(Line(index, str(event.get("id")), body))
        size += len(body) + 1
    if batch:
        yield batch


def append_each(
    log: str, batch: Sequence[Line], retries: Retries, *, prove: bool, dry_run: bool
) -> Exchange[list[Result]]:
    """Append events each on its own; return a result for each, in order.

    Those that met a `not now` are sent again, with the same ids: one that was stored all the same is a duplicate then.
    Raises ServiceRefused where the request was refused whole, and ServiceUnavailable.
    """
    results: dict[int, Result] = {}
    left = list(batch)
    attempts = 0
    while True:
        call = append_call(log, left, atomic=False, prove=prove, dry_run=dry_run)
        answered = (yield from shaped(call, Several, retries)).results
        attempts += 1
        if [one.index for one in answered] != list(range(len(left))):
            raise ServiceError(f"{call}: {len(left)} events were sent, and the answer is of others")
        for line, one in zip(left, answered, strict=True):
            results[line.index] = Result(
                index=line.index, id=line.id, status=one.status, receipt=one.receipt, problem=one.problem
            )
        left = [line for line in left if results[line.index].status in RETRIED]
        if not left:
            return [results[line.index] for line in batch]
        if attempts >= retries.attempts:
            raise ServiceUnavailable(f"{call}: {len(left)} events were not taken; send the same again later")
        yield Pause(retries.pause(attempts, 0))


def append_all(
    log: str, events: Sequence[Event], retries: Retries, *, prove: bool, dry_run: bool
) -> Exchange[list[Receipt]]:
    """Append events all or none, in one request; return their receipts in order. Raises what `ask` does."""
    lines = [Line(index, str(event.get("id")), msgspec.json.encode(event)) for index, event in enumerate(events)]
    call = append_call(log, lines, atomic=True, prove=prove, dry_run=dry_run)
    return list((yield from shaped(call, Taken, retries)).receipts)


def append_call(log: str, lines: Sequence[Line], *, atomic: bool, prove: bool, dry_run: bool) -> Call:
    """Return the request that appends these events."""
    body = b"\n".join(line.body for line in lines)
    headers = {"Content-Type": MEDIA_TYPE}
    if prove:
        headers["Prefer"] = "wait=checkpoint"
    if len(body) >= PACKED_FROM_BYTES:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    query = {"atomic": "true" if atomic else "false", "dry_run": "true" if dry_run else "false"}
    return Call("POST", f"/v1/logs/{log}/events", query, headers, body)
