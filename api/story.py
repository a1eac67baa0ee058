"""Stories: histories of several logs in one file, told to a ledger with a test clock (domain.md 14).

A story is NDJSON, gzip too: events in wire format, in recorded order, each with two members for the loader, `log` and
`recordedtime`. Events of one log with the same recordedtime are recorded at once. A line of type ErasureExecuted is an
erasure, which is carried out in its place. Lines `{"create_log": {...}}` at its head say what its logs are. The logs
that the demonstration asks are always made, as `stories/logs.ndjson` describes them; any other log of which nothing is
said is a platform's whose days are in UTC.
"""

import contextlib
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from api.erasures import ClockedErasure, carry_out, read_clocked_erasure
from api.files import LINE_MAX_BYTES, LOCAL_AUTHOR, local_author, open_file, unpacked
from api.logs import NewLog, read_new_log
from api.service import Service
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.json_values import is_object
from ledger.errors import Held, InputError, LogExists, NotFound, Refused, Unreadable
from ledger.intake import BATCH_MAX_EVENTS
from ledger.store import find_event

FILE, SEEDS, LOGS = "stories/scenario.ndjson.gz", "stories/seeds.ndjson", "stories/logs.ndjson"
"""The story that is told when no other is named, what it leaves out, and what its logs are: files in this package."""
NOTE = "story.sha256"
HEAD = "create_log"
ERASURE = "ErasureExecuted"
"""Never appended as it stands: the ledger records one in every log in which it has carried the erasure out."""
NO_BASIS = "not stated"
"""The basis of an erasure of which a story does not say it."""
SPLIT = timedelta(microseconds=1)
"""How much later each further part of a batch is recorded that is too large for one request."""


class Batch(Struct, frozen=True, kw_only=True):
    """Events of one log that are recorded at once, at `recordedtime`: at most BATCH_MAX_EVENTS."""

    log: str
    recordedtime: datetime
    events: Sequence[Mapping[str, Any]]


class Story(Struct, frozen=True, kw_only=True):
    """A history to tell: its logs, and what is recorded and erased in them, in order.

    `digest` is the SHA-256 of its lines, in hexadecimal.
    """

    logs: Sequence[NewLog]
    steps: Sequence[Batch | ClockedErasure]
    digest: str

    @property
    def batches(self) -> list[Batch]:
        """What is recorded, in order."""
        return [step for step in self.steps if isinstance(step, Batch)]

    @property
    def erasures(self) -> list[ClockedErasure]:
        """What is erased, in order."""
        return [step for step in self.steps if isinstance(step, ClockedErasure)]

    @property
    def size(self) -> int:
        """How many lines are told: events and erasures."""
        return sum(map(_lines_of, self.steps))


def read_story(path: str | None = None) -> Story:
    """Read a story from a file; None: our own. Raises InputError."""
    return _read(path) if path is not None else _read_own(FILE)


def read_seeds() -> Story:
    """Read what our own story leaves out: something of every system that the ledger was made for (domain.md 15.3)."""
    return _read_own(SEEDS)


def _read_own(name: str) -> Story:
    with resources.as_file(resources.files("api").joinpath(name)) as path:
        return _read(str(path))


def keep_to_one_story(folder: Path, story: Story) -> None:
    """Note in a data folder which story it holds. Raises InputError where it holds another."""
    note = folder / NOTE
    if not note.exists():
        note.write_text(story.digest, encoding="ascii")
    elif note.read_text(encoding="ascii") != story.digest:
        raise InputError(f"{folder} holds another story: name another folder with --data")


def _read(path: str) -> Story:
    logs = dict(_known_logs())
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    erasures: dict[int, list[ClockedErasure]] = {}
    digest = hashlib.sha256()
    for number, text in _lines(path):
        digest.update(text)
        line = _object(path, number, text)
        if HEAD in line:
            new = read_new_log(msgspec.json.encode(line[HEAD]))
            logs[new.slug] = new
            continue
        slug, recordedtime = line.pop("log", None), line.get("recordedtime")
        if not isinstance(slug, str) or not isinstance(recordedtime, str):
            raise InputError(f"{path}: line {number} has no log or no recordedtime")
        if line.get("type") == ERASURE:
            erasures.setdefault(len(groups), []).append(_erasure(path, number, line))
        else:
            groups.setdefault((slug, recordedtime), []).append(line)
    for slug in dict.fromkeys(slug for slug, _ in groups if slug not in logs):
        logs[slug] = read_new_log(msgspec.json.encode({"slug": slug, "timezone": "UTC"}))
    steps: list[Batch | ClockedErasure] = []
    for index, ((slug, at), events) in enumerate(groups.items()):
        steps += [*erasures.get(index, ()), *_batches(path, slug, at, events)]
    steps += erasures.get(len(groups), ())
    return Story(logs=list(logs.values()), steps=steps, digest=digest.hexdigest())


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    try:
        with open_file(path) as packed, unpacked(packed) as file:
            for number, text in enumerate(iter(lambda: file.readline(LINE_MAX_BYTES), b""), 1):
                if text.strip():
                    yield number, text.strip()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be unpacked: {error}") from error


def _object(path: str, number: int, text: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: line {number} is no JSON object: {error}") from error


def _batches(path: str, slug: str, recordedtime: str, events: Sequence[Mapping[str, Any]]) -> Iterator[Batch]:
    try:
        first = parse_instant(recordedtime)
    except ValueError as error:
        raise InputError(f"{path}: recordedtime {recordedtime!r} is no RFC 3339 instant with offset") from error
    for part, start in enumerate(range(0, len(events), BATCH_MAX_EVENTS)):
        at = first + part * SPLIT
        told = [{**event, "recordedtime": format_instant(at)} for event in events[start : start + BATCH_MAX_EVENTS]]
        yield Batch(log=slug, recordedtime=at, events=told)


def _erasure(path: str, number: int, line: Mapping[str, Any]) -> ClockedErasure:
    """Return the erasure that a line speaks of; where it names no request, it is one of its own."""
    data = line.get("data")
    said: Mapping[str, Any] = data if is_object(data) else {}
    wanted = {
        "subject": line.get("subject"),
        "basis": said.get("basis", NO_BASIS),
        "request_ref": said.get("request_ref", line.get("id")),
        "recordedtime": line["recordedtime"],
    }
    try:
        return read_clocked_erasure(msgspec.json.encode(wanted))
    except Refused as error:
        raise InputError(f"{path}: line {number} is no erasure: {error}") from error


def _lines_of(step: Batch | ClockedErasure) -> int:
    return len(step.events) if isinstance(step, Batch) else 1


@cache
def _known_logs() -> Mapping[str, NewLog]:
    lines = resources.files("api").joinpath(LOGS).read_bytes().splitlines()
    new = [read_new_log(msgspec.json.encode(msgspec.json.decode(line)[HEAD])) for line in lines]
    return {log.slug: log for log in new}


async def is_told(service: Service, story: Story) -> bool:
    """Tell whether a ledger has all that a story records: the last event of each of its logs."""
    last = {batch.log: batch.events[-1]["id"] for batch in story.batches}
    for slug, event_id in last.items():
        try:
            log = await service.find_log(slug)
            await find_event(service.database.pool("reader"), log.log_id, event_id)
        except NotFound:
            return False
    return True


async def create_logs(service: Service, story: Story) -> None:
    """Create the logs of a story; those that are there stay as they are."""
    for new in story.logs:
        with contextlib.suppress(LogExists):
            await service.create_log(new.slug, new.kind, new.timezone, new.jurisdiction, new.data_class)


async def tell(service: Service, story: Story, progress: Callable[[int], None] = lambda _: None) -> None:
    """Tell a story to a ledger with a test clock, step by step; what it has heard already is not added again.

    It takes up where an earlier telling broke off. When it returns, the views have followed.
    Raises InputError where the clock is not a test clock, and where an event is refused.
    """
    if not service.database.test_clock:
        raise InputError("a story is told to a ledger with a test clock only: name another folder with --data")
    await create_logs(service, story)
    for step in story.erasures if await is_told(service, story) else story.steps:
        if isinstance(step, Batch):
            await _append(service, step)
        else:
            await _erase(service, step)
        progress(_lines_of(step))
    await service.runner.catch_up()


async def _append(service: Service, batch: Batch) -> None:
    log = await service.find_log(batch.log)
    try:
        events = service.intake.read_array(msgspec.json.encode(batch.events))
        await service.appender.append(log, local_author(log), events, recordedtime=batch.recordedtime)
    except (Refused, Unreadable) as error:
        recorded = format_instant(batch.recordedtime)
        raise InputError(f"log {batch.log} refused what was recorded at {recorded}: {error}") from error


async def _erase(service: Service, asked: ClockedErasure) -> None:
    """Carry out an erasure; of whom nothing personal is kept, nothing is erased."""
    try:
        with contextlib.suppress(NotFound):
            await carry_out(service, LOCAL_AUTHOR, asked)
    except (Refused, Held) as error:
        raise InputError(f"{asked.subject} cannot be erased as the story says: {error}") from error
