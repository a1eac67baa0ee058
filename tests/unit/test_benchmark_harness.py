"""The benchmarks' own parts: limits, the table, tenths of a log, room on the disk, a pace, memory of processes."""

import asyncio
import os
import shutil
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, REFUSED, main, table
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.figures import Limit, Result
from tests.benchmarks.grown import EVENT_DISK_BYTES, NoRoom, check_room
from tests.benchmarks.growth import Kept, ends, keep, read_kept
from tests.benchmarks.options import Options
from tests.benchmarks.pacing import BATCH_EVENTS, CONNECTIONS, Target, make_lanes, send_paced
from tests.benchmarks.processes import family_memory, peak_memory
from tests.benchmarks.server import NotAsStored

PACE = 100 * BATCH_EVENTS
"""Events a second: a batch every ten milliseconds."""


def test_a_limit_holds_at_its_bound_and_not_past_it() -> None:
    slow, fast = Limit(at_least=0.6), Limit(at_most=2.0)
    assert [slow.holds(ratio) for ratio in (0.59, 0.6, 7.0)] == [False, True, True]
    assert [fast.holds(ratio) for ratio in (0.1, 2.0, 2.01)] == [True, True, False]
    assert [str(slow), str(fast)] == ["at least 0.6", "at most 2"]


def test_the_table_says_of_each_ratio_whether_its_limit_is_met() -> None:
    result = Result(
        ratios={"append/copy": 0.61, "grown/young": 2.5, "cost": 1.0},
        limits={"append/copy": Limit(at_least=0.6), "grown/young": Limit(at_most=2.0)},
        figures={"rate": {"median": 12345.0, "min": 1.0}, "cpus": 2},
    )
    assert [line.split() for line in table(result).splitlines()] == [
        ["append/copy", "0.61", "at", "least", "0.6:", "met"],
        ["grown/young", "2.5", "at", "most", "2:", "NOT", "MET"],
        ["cost", "1.0"],
        ["rate", "median", "12,345.0", "min", "1.0"],
        ["cpus", "2"],
    ]


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == REFUSED
    told = capsys.readouterr().err
    assert [name for name in BENCHMARKS if name not in told] == []


def test_more_events_than_the_disk_has_room_for_are_refused(tmp_path: Path) -> None:
    fitting = shutil.disk_usage(tmp_path).free // EVENT_DISK_BYTES
    check_room(tmp_path, fitting // 2)
    with pytest.raises(NoRoom, match="are free"):
        check_room(tmp_path, 2 * fitting)


def test_the_tenths_of_a_log_end_with_it() -> None:
    assert ends(200_000) == [20_000 * number for number in range(1, 11)]
    assert ends(12_345)[-1] == 12_345


def test_what_was_measured_of_a_kept_ledger_is_read_again_for_the_same_size_alone(tmp_path: Path) -> None:
    kept = Kept(events=50_000, runs=2)
    keep(Options(data=tmp_path), kept)
    assert read_kept(Options(data=tmp_path)) == read_kept(Options(data=tmp_path, events=50_000)) == kept
    with pytest.raises(NotAsStored, match="50000"):
        read_kept(Options(data=tmp_path, events=60_000))


async def test_paced_batches_are_sent_in_order_and_no_faster_than_the_pace_however_late_the_answers_are() -> None:
    lanes = make_lanes(4 * BATCH_EVENTS * CONNECTIONS)
    received: dict[int, list[bytes]] = {}

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        lane = received.setdefault(len(received), [])
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            lane.append(await reader.readexactly(length))
            if len(lane) == 2:
                await asyncio.sleep(2 * CONNECTIONS * BATCH_EVENTS / PACE)  # the third is then late, the fourth not
            writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}")

    async with await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 20) as server:
        target = Target(port=server.sockets[0].getsockname()[1], token="t0ken", path="/v1/logs/bench/events")
        paced = await send_paced(target, lanes, PACE)
        server.close()
    assert sorted(received.values()) == sorted(lanes)
    assert paced.events == 4 * BATCH_EVENTS * CONNECTIONS
    assert paced.events_per_second < PACE * 1.1
    assert len([late for late in paced.late if late > 0.9 * CONNECTIONS * BATCH_EVENTS / PACE]) >= CONNECTIONS


async def test_a_paced_batch_that_is_refused_fails() -> None:
    async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        target = Target(port=server.sockets[0].getsockname()[1], token="t0ken", path="/v1/logs/bench/events")
        with pytest.raises(RequestFailed, match="503"):
            await send_paced(target, [[b"{}"]], PACE)
        server.close()


def test_the_memory_of_a_process_is_told_with_that_of_its_children() -> None:
    alone = family_memory(os.getpid())
    program = "block = bytearray(b'x') * 60_000_000; print(len(block), flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert family_memory(os.getpid()) - alone > 50_000_000
        assert 50_000_000 < peak_memory(child.pid) < 150_000_000
        child.communicate(b"\n")
