"""The `jejak` command against folders and databases it cannot use, and told to stop."""

import asyncio
import contextlib
import json
import signal
from pathlib import Path

import asyncpg
import msgspec
import pytest

from ledger.server.embedded import start
from tests.faults.serving import START_SECONDS, free_port, jejak, poll, serving
from tests.locks import blocked
from tests.races.writing import listing, published

USAGE, UNKNOWN = 2, 3
EVENTS = 100


async def assert_refused(code: int, reason: str, *words: str) -> None:
    """The command ends with this code and says why in one line, and nothing else."""
    done = await jejak(*words)
    assert (done.code, done.output, done.errors.count("\n")) == (code, "", 1)
    assert done.errors.startswith("jejak: ")
    assert reason in done.errors


async def test_a_folder_with_somebody_elses_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    await assert_refused(USAGE, "is not a ledger's data folder", "log", "list", "--data", str(tmp_path))
    assert names_in(tmp_path) == ["letter.txt"]


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    await assert_refused(USAGE, "cannot be a data folder", "serve", "--data", str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 99}, "has data folder format 99"),
        ({"postgresql": 17}, "was made by PostgreSQL 17"),
        ({"format": "one"}, "is damaged"),
    ],
)
async def test_a_data_folder_of_another_version_is_refused(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    folder = tmp_path / "data"
    async with await start(folder):
        pass
    marker = folder / "jejak.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), **change}))
    await assert_refused(USAGE, reason, "verify", "--data", str(folder))


async def test_a_database_of_a_newer_release_is_refused(empty_url: str) -> None:
    assert (await jejak("token", "list", "--database", empty_url)).code == 0
    row = "(999, 'later', repeat('x', 32)::bytea)"
    await execute(empty_url, f"INSERT INTO migration (number, name, sha256) VALUES {row}")
    await assert_refused(UNKNOWN, "run the newer release", "token", "list", "--database", empty_url)


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_database_that_does_not_answer_could_not_be_told_anything_of() -> None:
    url = f"postgresql://nobody:secret-word@127.0.0.1:{free_port()}/nothing"
    done = await jejak("verify", "--database", url)
    assert (done.code, done.output, done.errors.count("\n")) == (UNKNOWN, "", 1)
    assert done.errors.startswith("jejak: cannot connect to the database: ")
    assert "secret-word" not in done.errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_service_told_to_stop_answers_what_is_in_flight_and_stops_its_database(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with serving(tmp_path / "data") as served:
        await served.start()
        assert served.process is not None
        body = msgspec.json.encode([published(f"e{index}", listing(f"L{index}")) for index in range(EVENTS)])
        async with served.database() as watcher, served.database() as bystander, bystander.transaction():
            await bystander.execute("SELECT FROM log_head FOR UPDATE")  # so that the append cannot end before
            answering = asyncio.create_task(served.append(body))
            await blocked(watcher, "jejak writer")
            served.process.send_signal(number)
            await nobody_listens(served.port)
            assert not answering.done()
        answer = await answering
        assert (answer.status, len(answer.json()["receipts"])) == (201, EVENTS)
        assert await asyncio.wait_for(served.process.wait(), START_SECONDS) == 0
        assert not served.database_runs()
        served.process = None
        done = await jejak("verify", "--data", str(served.folder))
        assert done.code == 0, done.errors


async def nobody_listens(port: int) -> None:
    """Return once the service takes no new connections."""

    async def refused() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return True
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return False

    await poll(refused)


async def test_a_service_that_stops_leaves_the_database_to_whoever_still_uses_it(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as served:
        await served.start()
        async with await start(served.folder) as other:
            running = other.postmaster_id
            await served.stop()
            assert (other.postmaster_id, running is None) == (running, False)
        assert not served.database_runs()
