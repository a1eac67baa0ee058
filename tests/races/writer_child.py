"""Writers in a process of their own: `python -m tests.races.writer_child TASK`, where TASK is JSON (`writing.Task`).

It opens a service of its own on the task's data folder, says "ready", and does something for each line it is sent:
"go" appends all that its writers have to append and says how that went; a number appends to one listing that often at
once, expecting that version, and says the outcomes. It ends with its input.
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.service import Service, open_service
from ledger.errors import Busy, JejakError, OutcomeUnknown, Refused
from ledger.intake import Author, LogInfo
from ledger.settings import read_settings
from ledger.statements import Statements
from tests.races.writing import GUARDED_LISTINGS, LOG, Answered, Summary, Task, as_events, batches, listing, published

ATTEMPTS_MAX = 200
"""Attempts at one request: every conflict is somebody's progress, and eight writers meet in four guarded streams."""
BUSY_MAX = 3
GUARDED_CHANCE = 0.25


class Writer:
    """Appends its batches one after the other, and keeps what was answered."""

    def __init__(self, service: Service, log: LogInfo, name: str) -> None:
        self.conflicts = 0
        self.complaints: list[str] = []
        self.answered: list[Answered] = []
        self._service = service
        self._log = log
        self._name = name
        self._author = Author(authid=f"t-{name}", authrole="PLATFORM_WRITER")
        self._chance = random.Random(f"{name}, guards")

    async def write(self, events: int) -> None:
        for number, batch in enumerate(batches(self._name, events)):
            await self._settle(f"{self._name}-guarded-{number}", batch)

    async def _settle(self, guarded_id: str, batch: list[dict[str, Any]]) -> None:
        """Append one batch, one in four with an event more, that is only true at the version it expects."""
        guarded = listing(f"G{self._chance.randrange(GUARDED_LISTINGS)}")
        with_guard = self._chance.random() < GUARDED_CHANCE
        busy = 0
        for _ in range(ATTEMPTS_MAX):
            version = await self._version(guarded) if with_guard else 0
            guard = [published(guarded_id, guarded, expectedversion=version)] if with_guard else []
            try:
                receipts = await self._service.appender.append(self._log, self._author, as_events([*batch, *guard]))
            except Refused as refused:
                if {fault.code for fault in refused.faults} != {"version-conflict"}:
                    self.complaints.append(f"refused: {refused}")
                    return
                self.conflicts += 1
            except (Busy, OutcomeUnknown) as error:
                self.complaints.append(f"{type(error).__name__}: {error}")
                busy += 1
                if busy == BUSY_MAX:
                    return
            else:
                self.answered.append(Answered(self._name, receipts))
                return
        self.complaints.append(f"not settled after {ATTEMPTS_MAX} attempts")

    async def _version(self, subject: str) -> int:
        statement = "SELECT coalesce(max(version), 0) FROM event WHERE log_id = $1 AND subject = $2"
        version: int = await self._service.database.pool("reader").fetchval(statement, self._log.log_id, subject)
        return version


async def write_all(service: Service, log: LogInfo, task: Task) -> Summary:
    writers = [Writer(service, log, name) for name in task.writers]
    await asyncio.gather(*(writer.write(task.events) for writer in writers))
    lines = [msgspec.json.encode(answered) + b"\n" for writer in writers for answered in writer.answered]
    await asyncio.to_thread(Path(task.answers).write_bytes, b"".join(lines))
    complaints = [complaint for writer in writers for complaint in writer.complaints]
    return Summary(sum(writer.conflicts for writer in writers), complaints)


async def append_at(service: Service, log: LogInfo, task: Task, version: int) -> list[str]:
    """Append at once, as often as the task says, each expecting the same version; return how each went."""

    async def one(number: int) -> str:
        event_id = f"{task.writers[0]}-{version}-{number}"
        events = as_events([published(event_id, listing("contested"), expectedversion=version)])
        author = Author(authid=f"t-{task.writers[0]}", authrole="PLATFORM_WRITER")
        try:
            receipts = await service.appender.append(log, author, events)
        except Refused as refused:
            return next(fault.code for fault in refused.faults)
        except JejakError as error:
            return f"{type(error).__name__}: {error}"
        return f"version {receipts[0].version}"

    return list(await asyncio.gather(*(one(number) for number in range(task.appends_at_once))))


class Unlocked(Statements):
    """The ledger's statements, but for the lock of the head."""

    def __call__(self, name: str) -> str:
        text = super().__call__(name)
        if name != "lock_head":
            return text
        assert "FOR UPDATE" in text
        return text.replace("FOR UPDATE", "")


async def run(task: Task) -> None:
    if task.unlocked:
        pytest.MonkeyPatch().setattr("ledger.sequencer.statements", Unlocked("ledger"))
    async with open_service(read_settings({}, data=task.data)) as service:
        log = await service.find_log(LOG)
        say(b"ready")
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            if line.strip() == b"go":
                say(msgspec.json.encode(await write_all(service, log, task)))
            else:
                say(msgspec.json.encode(await append_at(service, log, task, int(line))))


def say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(run(msgspec.json.decode(sys.argv[1], type=Task)))
