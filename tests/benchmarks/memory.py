"""`memory`: what the service takes at its start, after an append, an export of a million events, and a replay.

The service is whole: it answers, keeps the views and the search, signs, and works off jobs, all in one process, with
the drafting processes beside it; pages that several processes share are divided among them (PSS). Beside it stands an
idle application of the same framework, with one route that does nothing.
"""

import asyncio
from typing import Any

import msgspec
from msgspec import Struct

from api.bodies import JSON
from ledger.domain.instants import format_instant
from projections.jobs.job import UNDER_WAY, State
from tests.benchmarks.append import Sender
from tests.benchmarks.asking import asking
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.downloading import Downloaded, Drained, download, drain
from tests.benchmarks.figures import MEGABYTE, Limit, Result, machine
from tests.benchmarks.following import position_of, reach, searched_of
from tests.benchmarks.grown import GROWING_SECONDS, check_grown, check_room, grow
from tests.benchmarks.options import Options
from tests.benchmarks.processes import family_memory, own_memory, peak_memory
from tests.benchmarks.server import Product, running_child, running_product
from tests.benchmarks.single import EMPTY

DEFAULT_EVENTS = 200_000
READ_MAX = 1_000_000
"""Events of the export and of the replay: of a larger log its first ones."""
GROWTH_MAX_BYTES = 150 * MEGABYTE
GROWTH = "memory_growth/150_MB"
LIMITS = {GROWTH: Limit(at_most=1.0)}
JOB_POLL_SECONDS = 0.5
JOB_SECONDS = 3_600.0
RECORDED = "SELECT recordedtime FROM event WHERE log_id = $1 AND position = $2"


class Taken(Struct, frozen=True, kw_only=True):
    """Bytes of memory after each phase, and of the drafting processes in the end.

    `peak` is the most that the service's own process ever had, all of shared ones counted (resident).
    """

    start: int
    appended: int
    exported: int
    replayed: int
    drafting: int
    peak: int


class Job(Struct, frozen=True):
    """What is told of a job."""

    id: str
    state: State


async def run(options: Options) -> Result:
    """Measure and return the growth. Raises NotDurable, NoRoom, NotAsStored or RequestFailed."""
    async with running_child(EMPTY) as child:
        empty = family_memory(child.process)
    async with running_product(options.data, only=None) as product:
        taken, more = await _phases(product, options)
        await check_grown(product, more["events"])
        return _result(taken, {"empty_mb": round(empty / MEGABYTE), **more, **machine(await product.postgresql())})


async def _phases(product: Product, options: Options) -> tuple[Taken, dict[str, int]]:
    """Go through the phases; return what was taken after each, and how large they were."""
    start, kept = product.memory(), await product.size()
    await _append(product, options.events or kept or DEFAULT_EVENTS, options.seconds or GROWING_SECONDS)
    appended, size = product.memory(), await product.size()
    export = await _export(product, min(size, READ_MAX))
    exported = product.memory()
    replay = await _replay(product, min(size, READ_MAX))
    replayed = product.memory()
    taken = Taken(
        start=start,
        appended=appended,
        exported=exported,
        replayed=replayed,
        drafting=replayed - own_memory(product.process),
        peak=peak_memory(product.process),
    )
    return taken, {
        "events": size,
        "events_appended": size - kept,
        "events_exported": export.events,
        "export_mb": round(export.bytes / MEGABYTE),
        "replay_mb": round(replay.bytes / MEGABYTE),
    }


async def _append(product: Product, events: int, seconds: float) -> None:
    """Append up to so many events, and wait until views and search have followed."""
    size = await product.size()
    check_room(product.database.settings.data, events - size)
    await grow(product, Sender(product, size), events, seconds)
    for look in (position_of, searched_of):
        await reach(product, await product.size(), look)


async def _export(product: Product, count: int) -> Downloaded:
    """Export the first events, and drop them. Raises RequestFailed when fewer come."""
    pool = product.database.pool("reader")
    recorded = format_instant(await pool.fetchval(RECORDED, product.log.log_id, count - 1))
    path = f"/v1/logs/{product.log.slug}/export?format=ndjson&recorded_to={recorded}"
    downloaded = await download(product.port, product.token, path)
    if downloaded.events < count:
        raise RequestFailed(f"{downloaded.events} events were exported, and not {count}")
    return downloaded


async def _replay(product: Product, count: int) -> Drained:
    """Replay the first events as a job, and read its result and drop it. Raises RequestFailed when it is not done."""
    asked = msgspec.json.encode({"logs": [product.log.slug], "sizes": {product.log.slug: count}})
    async with asking(product.port, product.token) as asker, asyncio.timeout(JOB_SECONDS):
        job = msgspec.json.decode((await asker.post("/v1/replays", JSON, asked))[0], type=Job)
        while job.state in UNDER_WAY:
            await asyncio.sleep(JOB_POLL_SECONDS)
            job = msgspec.json.decode((await asker.ask(f"/v1/jobs/{job.id}"))[0], type=Job)
    if job.state != "DONE":
        raise RequestFailed(f"the replay is {job.state}")
    return await drain(product.port, product.token, f"/v1/jobs/{job.id}/result")


def _result(taken: Taken, more: dict[str, Any]) -> Result:
    growth = max(taken.appended, taken.exported, taken.replayed) - taken.start
    figures: dict[str, Any] = {
        **{f"{name}_mb": round(size / MEGABYTE) for name, size in msgspec.structs.asdict(taken).items()},
        **more,
    }
    return Result(ratios={GROWTH: round(growth / GROWTH_MAX_BYTES, 3)}, limits=LIMITS, figures=figures)
