"""Files of events: read in batches, appended, and told what came of each line."""

import gzip
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import msgspec
from msgspec import Struct

from api.bodies import JSON, NDJSON, read_events
from api.events import test_clock_of
from api.service import Service
from ledger.errors import InputError, Refused, Unreadable
from ledger.intake import BATCH_MAX_EVENTS, Author, LogInfo
from ledger.judging import Receipt

BATCH_EVENTS = 1_000
REFUSALS_TOLD = 1_000
GZIP_MAGIC = b"\x1f\x8b"
LINE_MAX_BYTES = 1024 * 1024
LOCAL_AUTHOR = "cli"
"""Who does something from the command line: whoever holds the data folder."""
ROLE_OF_KIND = {
    "PLATFORM": "PLATFORM_WRITER",
    "AUTHORITY": "REGULATOR",
    "HOLDER": "RIGHTS_HOLDER",
    "FORUM": "CONSUMER_AGENCY",
    "REGISTER": "REGULATOR",
    "APPLICATION": "PLATFORM_WRITER",
    "AUDIT": "AUDITOR",
}
"""Whoever holds the data folder appends as the log's own writer."""


class Refusal(Struct, frozen=True):
    """A line that was refused, and why."""

    line: int
    code: str
    detail: str


class FileAppended(Struct, kw_only=True):
    """What came of a file."""

    new: int = 0
    repeated: int = 0
    refused: int = 0
    size: int = 0
    refusals: list[Refusal]


def local_author(log: LogInfo) -> Author:
    """Return the author of what is appended from the command line."""
    return Author(authid=LOCAL_AUTHOR, authrole=ROLE_OF_KIND[log.kind])


async def append_file(
    service: Service, slug: str, name: str, *, atomic: bool, progress: Callable[[int], None] = lambda _: None
) -> FileAppended:
    """Append a file of events to a log, batch by batch.

    With `atomic` a refused batch ends it; nothing of that batch is stored. Otherwise the events that are refused are
    told by line, and the others go on.

    Raises InputError when the file is not there, and Refused or Unreadable with `atomic`.
    """
    log = await service.find_log(slug)
    result = FileAppended(refusals=[])
    for batch in batches(name):
        await _append_batch(service, log, batch, result, atomic=atomic)
        progress(len(batch))
    return result


async def _append_batch(
    service: Service, log: LogInfo, batch: list[tuple[int, bytes]], result: FileAppended, *, atomic: bool
) -> None:
    """Append a batch at once; where it is refused, line by line."""
    try:
        events = read_events(service.intake, NDJSON, b"\n".join(line for _, line in batch))
        recordedtime = test_clock_of(events) if service.database.test_clock else None
        receipts = await service.appender.append(log, local_author(log), events, recordedtime=recordedtime)
    except (Refused, Unreadable):
        if atomic:
            raise
    else:
        _count(result, receipts)
        return
    for number, line in batch:
        try:
            events = read_events(service.intake, JSON, line)
            recordedtime = test_clock_of(events) if service.database.test_clock else None
            receipts = await service.appender.append(log, local_author(log), events, recordedtime=recordedtime)
        except Refused as refused:
            _refuse(
                result, [Refusal(number, fault.code, f"{fault.pointer} {fault.detail}") for fault in refused.faults]
            )
        except Unreadable as unreadable:
            _refuse(result, [Refusal(number, "unreadable", unreadable.detail)])
        else:
            _count(result, receipts)


def _count(result: FileAppended, receipts: list[Receipt]) -> None:
    repeated = sum(receipt.duplicate for receipt in receipts)
    result.repeated += repeated
    result.new += len(receipts) - repeated
    result.size = max(result.size, *(receipt.position + 1 for receipt in receipts))


def _refuse(result: FileAppended, refusals: list[Refusal]) -> None:
    result.refused += 1
    if len(result.refusals) < REFUSALS_TOLD:
        result.refusals += refusals


def batches(name: str) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the events of a file as (line, JSON), in batches. An array's elements are counted as its lines."""
    with open_file(name) as packed, unpacked(packed) as file:
        array = file.peek(1)[:1] == b"["
        lines = _array(file.read()) if array else enumerate(iter(lambda: file.readline(LINE_MAX_BYTES), b""), 1)
        batch: list[tuple[int, bytes]] = []
        for number, line in lines:
            if line.strip():
                batch.append((number, line.strip()))
            if len(batch) == min(BATCH_EVENTS, BATCH_MAX_EVENTS):
                yield batch
                batch = []
        if batch:
            yield batch


def _array(body: bytes) -> Iterator[tuple[int, bytes]]:
    try:
        events = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise Unreadable(f"the file is no JSON array: {error}") from error
    yield from ((number, bytes(event)) for number, event in enumerate(events, 1))


def unpacked(
    file: "io.BufferedReader[io.FileIO]",
) -> "AbstractContextManager[io.BufferedReader[io.FileIO] | gzip.GzipFile]":
    """Return what a file holds, unpacked where it is gzip. The file itself stays the caller's to close."""
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == GZIP_MAGIC else nullcontext(file)


def open_file(name: str) -> "io.BufferedReader[io.FileIO]":
    """Open a file, or standard input for `-`. Raises InputError when that fails."""
    try:
        raw = sys.stdin.buffer.fileno() if name == "-" else name
        return io.BufferedReader(io.FileIO(raw, closefd=name != "-"))
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from error
