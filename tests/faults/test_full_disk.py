"""A disk that is full: the append fails and says so, the ledger stays whole, and goes on when there is room again.

Where it is the keys folder's, signing alone stops.
"""

import contextlib
from collections.abc import AsyncGenerator, Generator
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import pytest

from ledger.judging import Receipt
from tests.faults.disks import Disk, mounted
from tests.faults.serving import APPEND, BATCH, LOG, Answer, Serving, jejak, poll, serving
from tests.faults.stored import as_new, read_stored
from tests.races.writing import listing, published

DISK_MEGABYTES = 160
"""A new ledger takes 60 to 80, most of it PostgreSQL's own."""
KEYS_MEGABYTES = 1
"""Keys and marks take some KiB."""
EVENTS = 200
APPENDS_MAX = 100
"""Appends after which a full disk must have been noticed: some still go where room was taken before."""


@pytest.fixture
def disk(tmp_path: Path) -> Generator[Disk]:
    with mounted(tmp_path / "disk", DISK_MEGABYTES, "0755") as small:
        yield small


@pytest.fixture
def keys_disk(tmp_path: Path) -> Generator[Disk]:
    """Yield the disk of the keys folder that stands beside the data."""
    with mounted(tmp_path / "data.keys", KEYS_MEGABYTES, "0700") as small:
        yield small


def batch(name: str) -> tuple[list[str], bytes]:
    events = [published(f"{name}-{number}", listing(f"{name}-{number % 50}")) for number in range(EVENTS)]
    return [event["id"] for event in events], msgspec.json.encode(events)


def receipts_of(answer: Answer) -> list[Receipt]:
    return as_new(msgspec.convert(answer.json()["receipts"], list[Receipt]))


class Appends:
    """What was appended, one batch after the other, until one was not answered with receipts."""

    def __init__(self, served: Serving) -> None:
        self.answered: list[Receipt] = []
        self._served = served
        self._count = 0

    async def append(self) -> tuple[Answer, list[str], bytes]:
        self._count += 1
        ids, body = batch(f"b{self._count}")
        answer = await self._served.append(body)
        if answer.status == 201:
            self.answered += receipts_of(answer)
        return answer, ids, body

    async def append_until_full(self) -> tuple[Answer, list[str], bytes]:
        """Append until the service refuses; return its answer, and the ids and the body of what it refused."""
        for _ in range(APPENDS_MAX):
            answer, ids, body = await self.append()
            if answer.status != 201:
                return answer, ids, body
        raise AssertionError(f"{APPENDS_MAX} appends on a full disk, and all were stored")

    async def retry(self, ids: list[str], body: bytes) -> None:
        """Send again what was not answered with receipts, until it is, and see that it was there wholly or not."""
        there = await read_stored(self._served, ids)
        assert set(there) in (set(), set(ids))
        answer = await self._served.append_patiently(body)
        assert answer.status == (200 if there else 201)
        self.answered += receipts_of(answer)

    async def assert_whole(self) -> None:
        """All that was answered is there, nothing else is, and the ledger verifies."""
        stored = await read_stored(self._served, [receipt.id for receipt in self.answered])
        assert [stored[receipt.id] for receipt in self.answered] == self.answered
        assert [receipt.position for receipt in self.answered] == list(range(len(self.answered)))
        async with self._served.database() as database:
            assert await database.fetchval("SELECT count(*) FROM event") == len(self.answered)
        done = await jejak("verify", "--data", str(self._served.folder))
        assert done.code == 0, (done.output, done.errors)


@contextlib.asynccontextmanager
async def served_on(disk: Disk) -> AsyncGenerator[tuple[Serving, Appends]]:
    async with serving(disk.path / "data") as served:
        await served.start()
        appends = Appends(served)
        assert (await appends.append())[0].status == 201
        yield served, appends
        await served.stop()


async def test_an_append_on_a_full_disk_fails_clearly_and_the_ledger_goes_on_when_there_is_room(disk: Disk) -> None:
    async with served_on(disk) as (served, appends):
        disk.fill()
        answer, ids, body = await appends.append_until_full()
        problem = answer.json()
        assert (answer.status, answer.headers["content-type"], answer.headers["retry-after"], problem["type"]) == (
            503,
            "application/problem+json",
            "10",
            "/problems/busy",
        )
        assert problem["detail"] == "the database has no room on its disk; nothing was stored; try again in 10 s"
        assert await read_stored(served, ids) == {}
        assert (await served.ask("GET", "/health/ready")).status == 200
        assert (await served.ask("GET", "/v1/logs/shop")).json()["size"] == len(appends.answered)
        disk.free()
        await appends.retry(ids, body)
        assert (await appends.append())[0].status == 201
        await appends.assert_whole()


async def test_a_database_that_had_no_room_for_its_log_comes_back_when_there_is_room(disk: Disk) -> None:
    """PostgreSQL gives up when it cannot write ahead, and cannot come up either as long as there is no room."""
    async with served_on(disk) as (served, appends):
        disk.fill()
        await use_the_log_up(served)
        answer, ids, body = await appends.append_until_full()
        assert (answer.status, answer.json()["type"]) in {
            (503, "/problems/outcome-unknown"),
            (503, "/problems/busy"),
        }
        assert answer.headers["retry-after"].isdigit()
        assert "PANIC" in (served.folder / "postgres.log").read_text()
        await unavailable(served)
        disk.free()
        await served.ready()
        await appends.retry(ids, body)
        assert (await appends.append())[0].status == 201
        await appends.assert_whole()


async def use_the_log_up(served: Serving) -> None:
    """Have the database begin a new file of its log, for which there is no room."""
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        async with served.database() as database:
            for _ in range(APPENDS_MAX):
                await database.execute("SELECT pg_switch_wal()")
                await database.execute("SELECT pg_logical_emit_message(false, 'test', 'one record more')")
                await database.execute("SELECT pg_current_xact_id()")


async def unavailable(served: Serving) -> None:
    """Return once the service says that it cannot be used now, and when to ask again."""

    async def refused() -> bool:
        answer = await served.ask("GET", "/health/ready")
        return (answer.status, answer.headers.get("retry-after")) == (503, "1")

    await poll(refused)


async def signed_size(served: Serving) -> int:
    """Return how many entries the newest checkpoint covers, as everybody sees it; 0 while there is none."""
    answer = await served.ask("GET", f"/logs/{LOG}/checkpoint")
    return int(answer.body.split(b"\n")[1]) if answer.status == 200 else 0


async def says_why(served: Serving) -> bool:
    """Tell whether the service has said, once, why a log is not signed."""
    said = [line for line in served.complaints().splitlines() if "is not signed" in line]
    assert [line.endswith("cannot be used: No space left on device") for line in said] == [True][: len(said)]
    return said != []


async def test_a_keys_folder_on_a_full_disk_stops_signing_alone_and_it_goes_on_when_there_is_room(
    keys_disk: Disk,
) -> None:
    async with serving(keys_disk.path.with_suffix("")) as served:
        await served.start()
        appends = Appends(served)

        async def all_signed() -> bool:
            return await signed_size(served) == len(appends.answered)

        assert (await appends.append())[0].status == 201
        await poll(all_signed)
        signed = len(appends.answered)
        keys_disk.fill()
        connection = served.connection()
        await connection.send("POST", APPEND, batch("waiting")[1], BATCH, "wait=checkpoint")
        unproved = await connection.receive()
        await connection.close()
        assert (unproved.status, "proof" in unproved.json()["receipts"][0]) == (201, False)
        assert "preference-applied" not in unproved.headers
        appends.answered += receipts_of(unproved)
        assert [(await appends.append())[0].status for _ in range(3)] == [201] * 3
        assert await signed_size(served) == signed
        await poll(partial(says_why, served))
        assert (await served.ask("GET", "/health/ready")).status == 200
        keys_disk.free()
        await poll(all_signed)
        assert (await appends.append())[0].status == 201
        await poll(all_signed)
        await appends.assert_whole()
        await served.stop()


async def test_a_first_start_on_a_full_disk_says_so_and_can_be_done_again(disk: Disk) -> None:
    disk.fill()
    data = ("--data", str(disk.path / "data"))
    refused = await jejak("log", "list", *data)
    assert (refused.code, refused.output, refused.errors.count("\n")) == (2, "", 1)
    assert "cannot" in refused.errors
    disk.free()
    done = await jejak("log", "list", *data)
    assert (done.code, done.errors) == (0, "")
