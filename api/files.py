"""Files of events: read in batches, appended, and told what came of each line."""

import gzip
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import msgspec
from msgspec import Struct

from api.events import test_clock_of
from api.service import Service
from ledger.appender import Answer
from ledger.errors import InputError, Refused, Unreadable
from ledger.intake import BATCH_MAX_EVENTS, Author, LogInfo, Read
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


class Refusal(Struct, frozen=True, omit_defaults=True):
    """A line that was refused, and why; of several files, in which."""

    line: int
    code: str
    detail: str
    file: str | None = None


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
        await append_lines(service, log, batch, result, atomic=atomic)
        progress(len(batch))
    return result


async def append_lines(
    service: Service,
    log: LogInfo,
    lines: list[tuple[int, bytes]],
    result: FileAppended,
    *,
    source: str | None = None,
    atomic: bool = False,
    dry_run: bool = False,
) -> None:
    """Append events, each the JSON of a line, and add to `result` what came of them; `source` is their file.

    They are appended at once, and where that is refused, each on its own; with `atomic` it is raised instead.
    """
    author = local_author(log)
    try:
        events = service.intake.read_lines(b"\n".join(line for _, line in lines))
        recordedtime = test_clock_of(events) if service.database.test_clock else None
        receipts = await service.appender.append(log, author, events, dry_run=dry_run, recordedtime=recordedtime)
    except (Refused, Unreadable):
        if atomic:
            raise
    else:
        _count(result, receipts)
        return
    read = [_read(service, line) for _, line in lines]
    events = [event for event in read if not isinstance(event, Unreadable)]
    answers = iter(
        await _try_each(service, log, author, events)
        if dry_run
        else await service.appender.append_each(log, author, events)
    )
    for (number, _), event in zip(lines, read, strict=True):
        answer = event if isinstance(event, Unreadable) else next(answers)
        if isinstance(answer, Receipt):
            _count(result, [answer])
        else:
            refuse(result, _refusals(number, answer, source))


def _read(service: Service, line: bytes) -> "Read | Unreadable":
    try:
        (event,) = service.intake.read_one(line)
    except Unreadable as unreadable:
        return unreadable
    return event


async def _try_each(service: Service, log: LogInfo, author: Author, events: list[Read]) -> list[Answer]:
    """Judge events that are not to be stored, each after those before it: what is refused is left out of the next try.

    One by one they would not see each other, for none of them is stored.
    """
    answers: dict[int, Answer] = {}
    left = list(range(len(events)))
    while left:
        try:
            receipts = await service.appender.append(log, author, [events[index] for index in left], dry_run=True)
        except Refused as refused:
            for fault in refused.faults:
                faults = [one for one in refused.faults if one.index == fault.index]
                answers[left[fault.index]] = Refused(tuple(faults))
            left = [index for index in left if index not in answers]
        else:
            answers.update(zip(left, receipts, strict=True))
            left = []
    return [answers[index] for index in range(len(events))]


def _refusals(line: int, answer: Answer | Unreadable, source: str | None) -> list[Refusal]:
    """Return what is told of a line that was refused. Raises what is no refusal: the database is not there."""
    if isinstance(answer, Refused):
        return [Refusal(line, fault.code, f"{fault.pointer} {fault.detail}", source) for fault in answer.faults]
    if isinstance(answer, Unreadable):
        return [Refusal(line, "unreadable", answer.detail, source)]
    assert not isinstance(answer, Receipt)  # noqa: S101 - narrows for the type checker
    raise answer


def _count(result: FileAppended, receipts: list[Receipt]) -> None:
    repeated = sum(receipt.duplicate for receipt in receipts)
    result.repeated += repeated
    result.new += len(receipts) - repeated
    result.size = max(result.size, *(receipt.position + 1 for receipt in receipts))


def refuse(result: FileAppended, refusals: list[Refusal]) -> None:
    """Count a refused event, and tell why while there is room."""
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
