"""Eight writers in three processes on one log, and a follower that reads while they write."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from api.service import Service, open_service
from ledger.intake import LogInfo
from ledger.settings import read_settings
from tests.races.judging import findings, judge, read_stored
from tests.races.writing import LOG, Answered, Summary, Task, read_answers

ROOT = Path(__file__).parents[2]
CREW = (("a1", "a2", "a3"), ("b1", "b2", "b3"), ("c1", "c2"))
"""The writers of each process."""
EVENTS_EACH = 2_600
UNLOCKED_EVENTS_EACH = 250
UNLOCKED_ROUNDS_MAX = 5
"""Without the lock it all but always goes wrong at once; it may not take longer than this."""
START_SECONDS = 60
RACE_SECONDS = 240
CONTESTED_VERSIONS = 10
APPENDS_AT_ONCE = 4
LINE_MAX_BYTES = 1 << 24


class Race(Struct, frozen=True):
    """What came out of a race."""

    faults: list[str]
    complaints: list[str]
    conflicts: int
    size: int
    answered: list[Answered]


@contextlib.asynccontextmanager
async def child(module: str, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Yield another process of ours once it is ready; killed at the end if it has not ended by then."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.races.{module}", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        limit=LINE_MAX_BYTES,
    )
    try:
        assert await line_of(process, START_SECONDS) == b"ready\n"
        yield process
        await end(process)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.communicate()


async def end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), START_SECONDS) == 0


async def line_of(process: asyncio.subprocess.Process, seconds: float) -> bytes:
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), seconds)


async def tell(processes: Sequence[asyncio.subprocess.Process], word: str) -> list[bytes]:
    """Let all of them begin at once, and return what each says at the end: the barrier."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{word}\n".encode())
    return list(await asyncio.gather(*(line_of(process, RACE_SECONDS) for process in processes)))


@contextlib.asynccontextmanager
async def ledger(folder: Path) -> AsyncGenerator[tuple[Service, LogInfo]]:
    async with open_service(read_settings({}, data=folder)) as service:
        yield service, await service.create_log(LOG, "PLATFORM", "Asia/Jakarta", "ID", "PUBLIC")


@contextlib.asynccontextmanager
async def crew(folder: Path, **more: int) -> AsyncGenerator[list[asyncio.subprocess.Process]]:
    """Yield the three processes of writers, started together and all ready."""
    tasks = [
        Task(
            data=str(folder / "data"),
            answers=str(folder / f"answers-{number}"),
            writers=list(writers),
            events=more.get("events", 0),
            unlocked=bool(more.get("unlocked")),
            appends_at_once=more.get("appends_at_once", 0),
        )
        for number, writers in enumerate(CREW)
    ]
    async with contextlib.AsyncExitStack() as stack:
        opening = [child("writer_child", msgspec.json.encode(task).decode()) for task in tasks]
        yield list(await asyncio.gather(*(stack.enter_async_context(one) for one in opening)))


async def race(folder: Path, events: int, *, unlocked: bool = False) -> Race:
    """Let eight writers in three processes append that many events each while a follower reads, and judge it all."""
    async with ledger(folder / "data") as (service, log):
        following = child("follower_child", str(folder / "data"), str(folder / "seen"))
        async with crew(folder, events=events, unlocked=unlocked) as writers, following as follower:
            said = await tell(writers, "go")
            stored = await read_stored(service, log)
            assert follower.stdin is not None
            follower.stdin.write(f"{len(stored)}\n".encode())
        summaries = [msgspec.json.decode(line, type=Summary) for line in said]
        answered = [one for number in range(len(CREW)) for one in read_answers(folder / f"answers-{number}")]
        seen = (folder / "seen").read_text().splitlines()
        return Race(
            faults=judge(stored, answered, seen) + await findings(service, log),
            complaints=[complaint for summary in summaries for complaint in summary.complaints],
            conflicts=sum(summary.conflicts for summary in summaries),
            size=len(stored),
            answered=answered,
        )


async def test_eight_writers_in_three_processes_lose_nothing_and_a_follower_misses_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = await race(tmp_path, EVENTS_EACH)
    assert (outcome.faults, outcome.complaints) == ([], [])
    assert outcome.size >= 20_000
    assert outcome.conflicts > 0, "nobody met anybody: the race was none"
    writers = [request.writer for request in sorted(outcome.answered, key=lambda request: request.receipts[0].position)]
    assert set(writers[: len(writers) // 2]) == {name for names in CREW for name in names}
    record_property("race", f"{outcome.size} events, {len(writers)} requests, {outcome.conflicts} conflicts")


async def test_one_of_many_appends_at_the_same_version_wins(tmp_path: Path) -> None:
    async with ledger(tmp_path / "data"), crew(tmp_path, appends_at_once=APPENDS_AT_ONCE) as processes:
        for version in range(CONTESTED_VERSIONS):
            said = await tell(processes, str(version))
            outcomes = [outcome for line in said for outcome in msgspec.json.decode(line, type=list[str])]
            losers = len(CREW) * APPENDS_AT_ONCE - 1
            assert sorted(outcomes) == [f"version {version + 1}", *["version-conflict"] * losers]


async def test_the_race_is_lost_without_the_lock_of_the_head(tmp_path: Path) -> None:
    """The race is not blind: with the fence taken out, either the log is broken or writers meet a broken constraint."""
    for number in range(UNLOCKED_ROUNDS_MAX):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = await race(folder, UNLOCKED_EVENTS_EACH, unlocked=True)
        broken = [complaint for complaint in outcome.complaints if "one_event_for_each_position" in complaint]
        if outcome.faults or broken:
            return
    pytest.fail(f"{UNLOCKED_ROUNDS_MAX} races without the lock, and nothing went wrong: the lock is not what is tested")
