"""The embedded server's life: started, shared, killed, found again, stopped."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from time import monotonic

import asyncpg
import pytest

from ledger.errors import DataFolderError
from ledger.server.embedded import EmbeddedServer, start

WAIT_SECONDS = 60
ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def child(
    folder: Path, *, pass_fds: tuple[int, ...] = (), **task: object
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Yield another process that uses the folder's server; killed at the end if it has not ended by then."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.postgres.embedded_child", json.dumps({"folder": str(folder), **task})),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        pass_fds=pass_fds,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.communicate()


async def line(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), WAIT_SECONDS)).decode().split()


async def end(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdin is not None
    process.stdin.close()
    return await line(process)


def is_running(process: int) -> bool:
    """Say whether it runs: a zombie, whose parent has not looked, does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def id_of(server: EmbeddedServer) -> int:
    found = server.postmaster_id
    assert found is not None
    return found


async def shown(server: EmbeddedServer, *names: str) -> dict[str, str]:
    connection = await server.connect()
    found = {name: await connection.fetchval("SELECT current_setting($1)", name) for name in names}
    await connection.close()
    return found


async def write_row(server: EmbeddedServer, number: int) -> list[int]:
    """Write a number and return all that were ever written."""
    connection = await server.connect()
    await connection.execute(f"CREATE TABLE IF NOT EXISTS kept (number integer); INSERT INTO kept VALUES ({number})")
    rows = await connection.fetch("SELECT number FROM kept ORDER BY number")
    await connection.close()
    return [row["number"] for row in rows]


async def test_it_is_made_at_the_first_start_and_comes_up_fast_at_the_second(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    async with await start(folder) as server:
        assert await write_row(server, 1) == [1]
    began = monotonic()
    async with await start(folder) as server:
        assert await write_row(server, 2) == [1, 2]
        assert monotonic() - began < 3
        running = id_of(server)
    assert not is_running(running)
    modes = {name: oct(stat.S_IMODE((folder / name).stat().st_mode)) for name in (".", "postgres", "socket", "lock")}
    assert modes == {".": "0o700", "postgres": "0o700", "socket": "0o700", "lock": "0o600"}
    assert json.loads((folder / "jejak.json").read_text()).keys() == {"format", "postgresql", "created"}


async def test_what_it_answers_is_on_the_disk_and_nobody_hears_it_on_a_network(server: EmbeddedServer) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "wal_level": "replica",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "max_connections": "100",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "io_method": "sync",
    }
    assert await shown(server, *wanted) == wanted
    connection = await server.connect()
    rules = await connection.fetch("SELECT type, database, user_name, auth_method FROM pg_hba_file_rules")
    await connection.execute("ALTER SYSTEM SET fsync = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute("ALTER SYSTEM RESET fsync")
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SELECT datcollate FROM pg_database WHERE datname = 'jejak'") == "C"
    await connection.close()
    assert [tuple(rule) for rule in rules] == [("local", [name], ["all"], "peer") for name in ("all", "replication")]


async def test_processes_share_one_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    async with child(tmp_path / "data") as one, child(tmp_path / "data") as other:
        first, second = await asyncio.gather(line(one), line(other))
        assert first == second
        running = int(first[1])
        assert first == ["ready", str(running), "jejak"]
        assert await end(one) == ["closed"]
        assert is_running(running)
        async with await start(tmp_path / "data") as third:
            assert third.postmaster_id == running
        assert is_running(running)
        assert await end(other) == ["closed"]
        assert not is_running(running)


async def test_a_server_outlives_a_killed_process_and_is_found_again(tmp_path: Path) -> None:
    async with child(tmp_path / "data") as killed:
        running = int((await line(killed))[1])
        killed.kill()
        await killed.wait()
    assert is_running(running)
    async with await start(tmp_path / "data") as server:
        assert server.postmaster_id == running
        assert await write_row(server, 1) == [1]
    assert not is_running(running)


async def test_interrupting_a_terminal_does_not_reach_the_server(tmp_path: Path) -> None:
    async with await start(tmp_path / "data") as server:
        assert os.getsid(id_of(server)) == id_of(server) != os.getsid(0)


async def test_a_killed_postmaster_is_started_again_by_whoever_asks(tmp_path: Path) -> None:
    async with await start(tmp_path / "data") as server, child(tmp_path / "data") as other:
        await line(other)
        assert await write_row(server, 1) == [1]
        killed = id_of(server)
        os.kill(killed, signal.SIGKILL)
        async with await start(tmp_path / "data") as found:
            assert await write_row(found, 2) == [1, 2]
        await server.ensure_running()
        running = id_of(server)
        assert running != killed
        assert await write_row(server, 3) == [1, 2, 3]
        assert await end(other) == ["closed"]
        assert is_running(running)
    assert not is_running(running)


async def test_an_orphan_amid_a_long_query_does_not_keep_the_next_server_out(tmp_path: Path) -> None:
    async with await start(tmp_path / "data") as server:
        busy = await server.connect()
        orphan = await busy.fetchval("SELECT pg_backend_pid()")
        query = asyncio.create_task(busy.execute("DO 'BEGIN LOOP PERFORM 1; END LOOP; END'"))
        watch = await server.connect()
        while not await watch.fetchval("SELECT query LIKE 'DO%' FROM pg_stat_activity WHERE pid = $1", orphan):
            pass
        await watch.close()
        os.kill(id_of(server), signal.SIGKILL)
        assert is_running(orphan)
        await server.ensure_running()
        assert not is_running(orphan)
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await query
        assert await write_row(server, 1) == [1]


async def test_a_server_one_of_whose_backends_crashed_ends_and_is_started_again(tmp_path: Path) -> None:
    """One that restarts by itself, and whose recovery fails then, can wait for ever."""
    async with await start(tmp_path / "data") as server:
        assert await write_row(server, 1) == [1]
        connection = await server.connect()
        crashed = id_of(server)
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await connection.execute("SELECT 1")
        async with asyncio.timeout(WAIT_SECONDS):
            while is_running(crashed):  # noqa: ASYNC110 - a process that is not ours sets no event
                await asyncio.sleep(0.01)
        await server.ensure_running()
        assert await write_row(server, 2) == [1, 2]


async def test_a_first_start_that_was_killed_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with child(folder) as killed:
        async with asyncio.timeout(WAIT_SECONDS):
            while not (folder / "postgres.new" / "base").exists():  # noqa: ASYNC110 - the disk sets no event
                await asyncio.sleep(0.001)
        killed.kill()
    assert not (folder / "jejak.json").exists()
    async with await start(folder) as server:
        assert await write_row(server, 1) == [1]


async def test_a_first_start_that_was_killed_before_its_last_step_is_finished(tmp_path: Path) -> None:
    async with await start(tmp_path / "data") as server:
        await write_row(server, 1)
    (tmp_path / "data" / "postgres").rename(tmp_path / "data" / "postgres.new")
    async with await start(tmp_path / "data") as server:
        assert await write_row(server, 2) == [1, 2]


async def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with await start(tmp_path / "data"):
        pass
    (tmp_path / "data" / "postgres" / "PG_VERSION").write_text("9\n")
    monkeypatch.setattr("ledger.server.embedded.RETRY_SECONDS", 0.1)
    with pytest.raises(
        DataFolderError, match=r"does not start; \d+ MB are free there; .*postgres\.log ends with: .*incompatible"
    ):
        await start(tmp_path / "data")
    (tmp_path / "data" / "postgres" / "PG_VERSION").write_text("18\n")
    async with await start(tmp_path / "data") as server:
        assert await write_row(server, 1) == [1]
