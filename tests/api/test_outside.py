"""What is asked of a log from outside, over HTTP or in a folder, gets the answer that is given inside."""

from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from msgspec import Struct, structs

from api.app import make_app
from api.service import Service, service_over
from ledger.checkpoints import log_keys
from ledger.database_source import DatabaseSource
from ledger.domain.fact import Certainty
from ledger.domain.instants import TICK, format_instant
from ledger.entry import encode_canonical
from ledger.errors import Closed, Inconclusive, InputError, Refused, Tampered
from ledger.export import export_log
from ledger.http_files import HttpFiles
from ledger.outside import open_outside
from ledger.server.embedded import EmbeddedServer
from ledger.store import read_heads
from ledger.tile_source import FileSource, FolderFiles, TileSource
from ledger.tlog.note import VerifierKey
from ledger.tokens import create_token
from projections.moment import TimeParameters, resolve
from projections.outside import replay_outside
from projections.replay import Manifest, replay
from tests.conftest import copied_database
from tests.histories import ALL_KINDS, Teller, append_commits, told
from tests.tiles import MemoryFiles, published_files

Json = dict[str, Any]
SLUG, CLOSED_SLUG = "alpha", "beta"


class World(Struct, frozen=True):
    """A service with a signed public log and a closed one, asked over HTTP, and what was told to the first."""

    service: Service
    transport: httpx.ASGITransport
    teller: Teller
    keys: list[VerifierKey]
    exported: Path
    token: str


@pytest.fixture(scope="module")
async def world(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    async with copied_database(server, template, test_clock=True) as database, service_over(database) as service:
        assert service.signer is not None
        keys: list[VerifierKey] = []
        tellers: list[Teller] = []
        for seed, (slug, data_class) in enumerate(((SLUG, "PUBLIC"), (CLOSED_SLUG, "CONFIDENTIAL"))):
            log = await service.create_log(slug, "PLATFORM", "Asia/Jakarta", "ID", data_class)
            tellers.append(told(seed, 700 if seed == 0 else 300, ALL_KINDS, log=log))
            await append_commits(service.appender, log, tellers[-1].commits)
            assert await service.signer.sign(log)
            keys += await log_keys(database.pool("reader"), log.log_id)
        folder = tmp_path_factory.mktemp("exported")
        source = DatabaseSource(database.pool("reader"), await service.find_log(SLUG))
        assert await export_log(source, folder) == len(tellers[0].entries)
        token = await create_token(database.pool("keeper"), "PLATFORM_WRITER", [CLOSED_SLUG], None)
        transport = httpx.ASGITransport(app=make_app(service))  # type: ignore[arg-type]
        yield World(service, transport, tellers[0], keys, folder, token)


def over_http(world: World, slug: str = SLUG, token: str | None = None) -> TileSource:
    return FileSource(HttpFiles(f"http://ledger/logs/{slug}/", token, world.transport))


async def inside(world: World, time: TimeParameters, prefix: str = "", slug: str = SLUG) -> tuple[bytes, Json]:
    """Return the lines of a replay in the database and its manifest."""
    pool = world.service.database.pool("reader")
    moment = await resolve(pool, time, await read_heads(pool, [slug]))
    manifest = Manifest(moment, prefix or None)
    lines = b"".join([encode_canonical(item) + b"\n" async for item in replay(pool, moment, manifest, prefix)])
    return lines, manifest.describe()


async def outside(world: World, source: TileSource, time: TimeParameters, prefix: str = "") -> tuple[bytes, Json]:
    """Return the same from outside."""
    log = await open_outside(source, world.keys)
    said = (await source.description()).log_info()
    replayed = await replay_outside(log, said, time, prefix)
    lines = b"".join([encode_canonical(item) + b"\n" async for item in replayed.items()])
    return lines, replayed.manifest.describe()


async def test_a_replay_from_outside_gives_the_bytes_and_the_manifest_of_one_inside(world: World) -> None:
    random = Random(5)
    recorded = sorted({when for when, _ in world.teller.commits})
    answered = 0
    for number in range(40):
        known_at = random.choice(recorded) - random.choice((TICK * 0, TICK))
        certainty: Certainty = "CERTAIN" if number % 2 else "POSSIBLE"
        time = TimeParameters(
            as_of=random.choice(("2024-02-10", "2024-03-31", "2025-01-01T00:00:00Z")),
            known_at=format_instant(known_at) if number % 3 else None,
            certainty=certainty,
            basis="SOURCE" if number % 5 == 0 else "LEDGER",
            tz="Europe/London" if number % 7 == 0 else None,
            size={SLUG: random.randint(0, len(world.teller.entries))} if number % 4 == 0 else {},
        )
        prefix = random.choice(("", "", "listing:", "seller:p1:s1", "z"))
        wanted = await inside(world, time, prefix)
        source = over_http(world) if number % 2 else FileSource(FolderFiles(world.exported))
        assert await outside(world, source, time, prefix) == wanted
        answered += bool(wanted[0])
    assert answered > 20


async def test_known_at_means_what_was_recorded_by_then(world: World) -> None:
    commits = world.teller.commits
    times = sorted({when for when, _ in commits})
    for at in (times[0] - TICK, times[0], times[len(times) // 2], times[-1] - TICK, times[-1]):
        size = sum(len(events) for when, events in commits if when <= at)
        time = TimeParameters(as_of="2025-01-01", known_at=format_instant(at))
        _, manifest = await outside(world, over_http(world), time)
        assert manifest["logs"][SLUG]["size"] == size


async def test_a_question_that_makes_no_sense_is_refused_outside_as_it_is_inside(world: World) -> None:
    for time in (
        TimeParameters(as_of="2024-13-01"),
        TimeParameters(known_at="2999-01-01"),
        TimeParameters(size={SLUG: 10**6}),
        TimeParameters(size={CLOSED_SLUG: 1}),
    ):
        with pytest.raises(Refused) as within:
            await inside(world, time)
        with pytest.raises(Refused) as without:
            await outside(world, over_http(world), time)
        assert [fault.code for fault in without.value.faults] == [fault.code for fault in within.value.faults]


async def test_a_closed_log_is_replayed_by_who_may_read_it_and_nobody_else(world: World) -> None:
    time = TimeParameters(as_of="2025-01-01")
    wanted = await inside(world, time, slug=CLOSED_SLUG)
    assert await outside(world, over_http(world, CLOSED_SLUG, world.token), time) == wanted
    with pytest.raises(Closed):
        await outside(world, over_http(world, CLOSED_SLUG), time)


async def test_a_log_that_says_it_is_another_is_refused(world: World) -> None:
    log = await open_outside(over_http(world), world.keys)
    said = (await over_http(world).description()).log_info()
    with pytest.raises(Tampered, match=r"^log\.json: "):
        await replay_outside(log, structs.replace(said, slug=CLOSED_SLUG), TimeParameters())


async def test_an_exported_folder_is_what_tlog_tiles_says_and_nothing_else(world: World) -> None:
    files = {path.relative_to(world.exported).as_posix() for path in world.exported.rglob("*") if path.is_file()}
    wanted = published_files(await stored(world))
    assert files == {*wanted, "checkpoint", "log.json"}
    assert all((world.exported / path).read_bytes() == content for path, content in wanted.items())


async def stored(world: World) -> list[bytes]:
    pool = world.service.database.pool("reader")
    rows = await pool.fetch(
        "SELECT entry FROM event WHERE log_id = $1 ORDER BY position", (await world.service.find_log(SLUG)).log_id
    )
    return [row["entry"] for row in rows]


async def test_what_cannot_be_fetched_tells_neither_good_nor_bad(world: World) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503 if len(asked) < 3 else 200, content=b"x" * 70_000_000)

    files = HttpFiles("http://ledger/logs/alpha", None, httpx.MockTransport(answer))
    with pytest.raises(Tampered, match="is longer than 8192 bytes"):
        await files.read("tile/0/000", 8192)
    assert asked == ["/logs/alpha/tile/0/000"] * 3
    for status in (302, 418, 500):
        files = HttpFiles("http://ledger", None, httpx.MockTransport(lambda _, status=status: httpx.Response(status)))
        with pytest.raises(Inconclusive, match=f"the server answers {status}"):
            await files.read("checkpoint", 100)
    with pytest.raises(InputError):
        HttpFiles("ftp://ledger/logs/alpha")
    with pytest.raises(Inconclusive, match="is not there"):
        await open_outside(FileSource(MemoryFiles({})), world.keys)
