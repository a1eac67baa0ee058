"""`growth`: one log is filled, tenth by tenth, and its views and search follow each; what did a tenth take?

The projector rests while a tenth is appended, so that the rate of appending is that of `append`; then the views follow
the tenth, and then the search. After each tenth rows of its end are copied as in `append`: a tenth that is slower than
the first one may have met a slower disk. With a folder the ledger is kept, and so are the tenths that were measured: a
run that was cut goes on with the next event from where it was, and lacks the tenth in which it was cut if that was
appended already.
"""

import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from api.bodies import NDJSON
from ledger.database import Connection
from tests.benchmarks.append import BATCH_EVENTS, CONNECTIONS, Sender
from tests.benchmarks.asking import asking
from tests.benchmarks.copying import copy_rows, make_tables, read_rows
from tests.benchmarks.disk import Disk, entry_bytes, read_disk
from tests.benchmarks.figures import MEGABYTE, Limit, Result, machine, per_event
from tests.benchmarks.following import Follower, following
from tests.benchmarks.grown import GROWING_SECONDS, check_grown, check_room, grow
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product, running_product
from tests.benchmarks.workload import Lane

PARTS = 10
DEFAULT_EVENTS = 200_000
WARM_UP_BATCHES = 12
COPY_STEP = 10_000
"""Rows of a COPY, which is a transaction of its own."""
COPY_ROWS = 3 * COPY_STEP
KEPT = "growth.json"
APPEND, DISK = "append_last/append_first", "disk/entry_bytes"
LIMITS = {APPEND: Limit(at_least=0.8), DISK: Limit(at_most=4.0)}


class Part(Struct, frozen=True, kw_only=True):
    """A tenth of the log, which was to end at `end`, as it was appended and followed. Rates are by second."""

    end: int
    size: int
    events: int
    entry_bytes: int
    append_rate: float
    copy_rate: float
    views_rate: float
    search_seconds: float
    service_cpu: float
    postgres_cpu: float
    service_memory: int
    disk: Disk


class Kept(Struct, kw_only=True):
    """The tenths that were measured, of a log that is to have so many events, by how many runs."""

    events: int
    runs: int = 0
    parts: list[Part] = msgspec.field(default_factory=list[Part])


async def run(options: Options) -> Result:
    """Measure and return how the rate and the disk's bytes have grown.

    Raises NotDurable, NoRoom, RequestFailed, or NotAsStored: also for a ledger that has grown unmeasured.
    """
    seconds = options.seconds or GROWING_SECONDS
    kept = read_kept(options)
    kept.runs += 1
    async with running_product(options.data) as product, product.database.owner() as connection:
        size = await product.size()
        if size >= ends(kept.events)[0] and not kept.parts:
            raise NotAsStored("this ledger has grown without being measured: name another folder")
        check_room(product.database.settings.data, kept.events - size)
        await make_tables(connection)
        sender = Sender(product)
        await sender.go_on()
        await _warm_up(product)
        async with following(product) as follower:
            for end in ends(kept.events):
                if await product.size() < end:
                    began = time.perf_counter()
                    kept.parts.append(await _part(product, connection, sender, follower, end, seconds))
                    keep(options, kept)
                    _tell(kept, time.perf_counter() - began)
        size = await product.size()
        await check_grown(product, size)
        return _result(kept, {"size": size, **machine(await product.postgresql())})


async def _warm_up(product: Product) -> None:
    """Have some batches judged that are not stored: what starts with the first ones is not the first tenth's."""
    batch = b"\n".join(Lane(CONNECTIONS).take(BATCH_EVENTS))  # of no connection's lane
    async with asking(product.port, product.token) as asker:
        for _ in range(WARM_UP_BATCHES):
            await asker.post(f"{product.path}?dry_run=true", NDJSON, batch)


def ends(events: int) -> list[int]:
    """Return the sizes at which the tenths of a log end."""
    return [events * number // PARTS for number in range(1, PARTS + 1)]


async def _part(
    product: Product, connection: Connection, sender: Sender, follower: Follower, end: int, seconds: float
) -> Part:
    """Append to a size, and let everything follow. Raises RequestFailed and NotAsStored."""
    start, before = await product.size(), product.cpu()
    appended, append_seconds = await grow(product, sender, end, seconds)
    after = product.cpu()
    size = await product.size()
    if size - start != appended or size < end:
        raise NotAsStored(f"{appended} events were answered, {size - start} are stored, and {end - start} were to be")
    rows = await read_rows(connection, product.log, max(start, size - COPY_ROWS), size)
    copied = await copy_rows(connection, rows, COPY_STEP)
    followed = await follower.follow()
    began = time.perf_counter()
    await follower.search()
    return Part(
        end=end,
        size=size,
        events=appended,
        entry_bytes=await entry_bytes(product, connection, start, size),
        append_rate=appended / append_seconds,
        copy_rate=copied.rows_per_second,
        views_rate=followed.events_per_second,
        search_seconds=time.perf_counter() - began,
        service_cpu=after[0] - before[0],
        postgres_cpu=after[1] - before[1],
        service_memory=product.memory(),
        disk=await read_disk(connection),
    )


def read_kept(options: Options) -> Kept:
    """Return what was measured of the folder's ledger. Raises NotAsStored when it is to have another size."""
    file = _file(options)
    if file is None or not file.exists():
        return Kept(events=options.events or DEFAULT_EVENTS)
    kept = msgspec.json.decode(file.read_bytes(), type=Kept)
    if options.events not in {None, kept.events}:
        raise NotAsStored(f"{file} is of a log that is to have {kept.events} events, not {options.events}")
    return kept


def keep(options: Options, kept: Kept) -> None:
    """Write what was measured of the folder's ledger, if there is a folder, whole or not at all."""
    file = _file(options)
    if file is not None:
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(kept))
        new.replace(file)


def _file(options: Options) -> Path | None:
    return options.data / KEPT if options.data else None


def _tell(kept: Kept, seconds: float) -> None:
    """Say on standard error how far it is, and how long the rest will take if it is as slow as the last tenth."""
    last = kept.parts[-1]
    left = PARTS * (kept.events - last.end) / kept.events * seconds / 60
    told = f"{last.end:,} of {kept.events:,} events; {last.append_rate:,.0f} appended, {last.views_rate:,.0f} followed"
    print(f"growth: {told} a second; {left:,.0f} minutes to go", file=sys.stderr, flush=True)  # noqa: T201


def _result(kept: Kept, more: dict[str, object]) -> Result:
    parts = kept.parts
    first, last = parts[0], parts[-1]
    mean = sum(part.entry_bytes for part in parts) / sum(part.events for part in parts)
    disk = [round(part.disk.all_but_search / part.size / mean, 3) for part in parts]
    figures: dict[str, object] = {
        "end_by_tenth": [part.end for part in parts],
        "append_events_per_second_by_tenth": [round(part.append_rate) for part in parts],
        "copy_rows_per_second_by_tenth": [round(part.copy_rate) for part in parts],
        "copy_last/copy_first": round(last.copy_rate / first.copy_rate, 3),
        "views_events_per_second_by_tenth": [round(part.views_rate) for part in parts],
        "search_seconds_by_tenth": [round(part.search_seconds, 1) for part in parts],
        "append_service_cpu_us_per_event_by_tenth": [per_event(part.service_cpu, part.events) for part in parts],
        "append_postgres_cpu_us_per_event_by_tenth": [per_event(part.postgres_cpu, part.events) for part in parts],
        "service_memory_mb_by_tenth": [round(part.service_memory / MEGABYTE) for part in parts],
        "mean_entry_bytes": round(mean, 1),
        "bytes_per_event": last.disk.per_event(last.size),
        "disk/entry_bytes_by_tenth": disk,
        "search_disk/entry_bytes": round(last.disk.search / last.size / mean, 3),
        "write_ahead_mb": round(last.disk.write_ahead / MEGABYTE),
        "runs": kept.runs,
        **more,
    }
    ratios = {APPEND: round(last.append_rate / first.append_rate, 3), DISK: disk[-1]}
    return Result(ratios=ratios, limits=LIMITS, figures=figures)
