"""Metrics of a ledger, in the text format of Prometheus. Operators only: they name logs and tell their sizes."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency

from api.service import Service
from ledger.checkpoints import newest_sizes
from ledger.errors import VaultError
from ledger.marks import lost_logs, read_halts
from ledger.store import read_sound_heads
from projections.event_search import SEARCH

MEDIA_TYPE = "text/plain; version=0.0.4"


class Metric(NamedTuple):
    """A gauge: its name, what it says, and its value, or its value for each log by slug; None where it is not known."""

    name: str
    help: str
    value: int | dict[str, int] | None


@get("/metrics")
async def metrics(service: NamedDependency[Service]) -> Response[bytes]:
    """Tell how large logs are, how far they are signed and followed, and which are halted.

    What cannot be read is left out, and counted: of one log, that log's figures.
    """
    gauges = [*await _log_gauges(service), *_follower_gauges(service), *await _signing_gauges(service)]
    return Response("".join(_lines(gauges)).encode(), media_type=MEDIA_TYPE)


async def _log_gauges(service: Service) -> list[Metric]:
    """Return what there is to tell of each log."""
    reader = service.database.pool("reader")
    heads, unsound = await read_sound_heads(reader)
    followed, searched = await service.followed(), await service.followed([SEARCH])
    signed = await newest_sizes(reader, [head.log for head in heads])
    halted = {halt.log_id for halt in await read_halts(reader)}

    def of_each(sizes: Mapping[int, int]) -> dict[str, int]:
        return {head.log.slug: sizes.get(head.log.log_id, 0) for head in heads}

    readable, unreadable = [head.log for head in heads], [log.log_id for log in unsound]
    known = sorted([*readable, *unsound], key=lambda log: log.slug)
    return [
        Metric("jejak_log_size", "Entries of a log.", {head.log.slug: head.size for head in heads}),
        Metric("jejak_log_signed_size", "Entries under a log's newest checkpoint.", of_each(signed)),
        Metric("jejak_log_followed_size", "Entries of a log that every view has followed.", of_each(followed)),
        Metric("jejak_log_searched_size", "Entries of a log that the search has taken in.", of_each(searched)),
        Metric(
            "jejak_log_halted",
            "1 for a log that contradicts what it has signed.",
            {log.slug: int(log.log_id in halted) for log in known},
        ),
        Metric(
            "jejak_log_unreadable",
            "1 for a log whose head cannot be read: its sizes are left out.",
            {log.slug: int(log.log_id in unreadable) for log in known},
        ),
    ]


def _follower_gauges(service: Service) -> list[Metric]:
    """Return what this process knows of the logs that it follows; one that follows none knows nothing."""
    views, searches = service.runner.stopped.count, service.search.stopped.count
    return [
        Metric("jejak_views_stopped", "Logs whose views have stopped, in this process.", views),
        Metric("jejak_searches_stopped", "Logs whose search has stopped, in this process.", searches),
    ]


async def _signing_gauges(service: Service) -> list[Metric]:
    """Return what there is to tell of checkpoints and of marks, which stand outside the database."""
    reader = service.database.pool("reader")
    lost: int | None = None
    with contextlib.suppress(VaultError):
        lost = len(await lost_logs(reader, service.vault))
    return [
        Metric("jejak_logs_unsigned", "Logs that wait too long for a checkpoint.", await service.unsigned()),
        Metric("jejak_logs_lost", "Logs that were signed of and are not in the database.", lost),
        Metric("jejak_vault_unreadable", "1 while marks of logs cannot be read.", int(lost is None)),
    ]


def _lines(gauges: Iterable[Metric]) -> Iterable[str]:
    for gauge in gauges:
        if gauge.value is None:
            continue
        yield f"# HELP {gauge.name} {gauge.help}\n# TYPE {gauge.name} gauge\n"
        if isinstance(gauge.value, int):
            yield f"{gauge.name} {gauge.value}\n"
        else:
            yield from (f'{gauge.name}{{log="{slug}"}} {value}\n' for slug, value in gauge.value.items())


ROUTES = (metrics,)
