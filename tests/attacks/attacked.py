"""A ledger with a history, of which each test attacks a copy; and a reader who kept a key and an older checkpoint."""

import contextlib
import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.api.desk import registered
from tests.faults.serving import LOG, Done, Serving, jejak, poll, serving
from tests.races.writing import published

YESTERDAY, KEPT, TODAY = 300, 400, 600
"""Sizes of the log: of the backup that is restored, of the checkpoint that a reader kept, and now."""
PERSON = "subject:c1"
NAME = "Aminah binti Ali"
OTHER = "other"


class History(Struct, frozen=True):
    """The folders of a ledger that is stopped, yesterday's and today's, and what outsiders keep of it."""

    yesterday: Path
    today: Path
    writer: str
    key: str
    other_key: str
    older: Path


class Attacked(Serving):
    """A copy of the ledger, served. It answers even where it is halted."""

    def __init__(self, history: History, folder: Path) -> None:
        super().__init__(folder)
        self.history = history
        self.writer = history.writer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/logs/{LOG}"

    async def ready(self) -> None:
        """Return when the service answers."""

        async def lives() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, f"the service has ended: {self.complaints()}"
            with contextlib.suppress(OSError, EOFError):
                return (await self.ask("GET", "/health/live")).status == 200
            return False

        await poll(lives)

    async def judged(self, url: str | None = None, since: Path | None = None) -> Done:
        """Return what the reader's own process says, who has no access to the database."""
        kept = ("--key", self.history.key, "--since", str(since or self.history.older))
        return await jejak("verify", "--from", url or self.url, *kept, "--json")

    async def noticed(self, url: str | None = None, since: Path | None = None) -> str:
        """Return what the reader notices: where, and what."""
        done = await self.judged(url, since)
        assert done.code == 1, done
        (finding,) = msgspec.json.decode(done.output)["findings"]
        return f"{finding['place']}: {finding['detail']}"

    async def is_halted(self) -> None:
        """See that the ledger itself has noticed: it says so, and appends nothing."""
        ready = await self.ask("GET", "/health/ready")
        assert (ready.status, ready.json()["status"], ready.json()["logs_halted"]) == (503, "halted", 1)
        refused = await self.append(msgspec.json.encode([listed(9_999)]))
        assert (refused.status, refused.json()["type"]) == (503, "/problems/log-halted")


def listed(number: int) -> dict[str, object]:
    return published(f"e{number}", f"listing:{LOG}:L{number}")


@contextlib.asynccontextmanager
async def copied(history: History, to: Path, data: Path | None = None) -> AsyncGenerator[Attacked]:
    """Yield a copy of today's ledger, not started; its data of another day where one is given."""
    attacked = Attacked(history, to)
    copy_folder(data or history.today, to)
    copy_folder(keys_of(history.today), keys_of(to))
    try:
        yield attacked
        if attacked.process is not None:
            await attacked.stop()
    finally:
        await attacked.abandon()


def copy_folder(source: Path, to: Path) -> None:
    """Copy a folder with its owners, as a backup does: PostgreSQL starts on nobody else's files."""
    subprocess.run(["cp", "-a", str(source), str(to)], check=True)


def keys_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.keys")


async def made_history(folder: Path) -> History:
    """Make a ledger, and stop it."""
    data, yesterday, older = folder / "data", folder / "yesterday", folder / "older"
    words = ("--data", str(data))
    async with serving(data) as served:
        made = await jejak("log", "create", OTHER, "--timezone", "UTC", "--data-class", "PUBLIC", *words)
        assert made.code == 0, made.errors
        await served.start()
        person = {**registered("S1", subject_id=PERSON, shop_name=NAME)}
        await grow(served, [person, *map(listed, range(1, YESTERDAY))], YESTERDAY)
        await served.stop()
        copy_folder(data, yesterday)
        await served.start()
        await grow(served, [*map(listed, range(YESTERDAY, KEPT))], KEPT)
        key = (await served.ask("GET", f"/v1/logs/{LOG}")).json()["key"]
        url = f"http://127.0.0.1:{served.port}/logs/{LOG}"
        kept = await jejak("verify", "--from", url, "--key", key, "--save", str(older))
        assert (kept.code, kept.errors) == (0, "")
        await grow(served, [*map(listed, range(KEPT, TODAY))], TODAY)
        await served.stop()
    shown = await jejak("log", "list", "--json", *words)
    other_key = next(log["key"] for log in msgspec.json.decode(shown.output)["items"] if log["slug"] == OTHER)
    return History(yesterday=yesterday, today=data, writer=served.writer, key=key, other_key=other_key, older=older)


async def grow(served: Serving, events: list[dict[str, object]], size: int) -> None:
    """Append, and return once the checkpoint of so many entries is out."""
    appended = await served.append(msgspec.json.encode(events))
    assert appended.status == 201, appended.body

    async def signed() -> bool:
        checkpoint = await served.ask("GET", f"/logs/{LOG}/checkpoint")
        return checkpoint.body.split(b"\n")[1:2] == [str(size).encode()]

    await poll(signed)
