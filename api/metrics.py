"""Metrics of a ledger, in the text format of Prometheus. Operators only: they name logs and tell their sizes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.auth import credential_of, must_operate
from api.service import Service
from ledger.checkpoints import newest_checkpoints
from ledger.marks import lost_logs, read_halts
from ledger.store import read_heads
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.note import parse_note
from projections.event_search import SEARCH

MEDIA_TYPE = "text/plain; version=0.0.4"


class Metric(NamedTuple):
    """A gauge: its name, what it says, and its value, or its value for each log by slug."""

    name: str
    help: str
    value: int | dict[str, int]


@get("/metrics")
async def metrics(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Tell how large logs are, how far they are signed and followed, and which are halted."""
    must_operate(credential_of(request))
    reader = service.database.pool("reader")
    heads, followed = await read_heads(reader), await service.followed()
    searched = await service.followed([SEARCH])
    notes = await newest_checkpoints(reader, [head.log for head in heads])
    signed = {log_id: parse_checkpoint(parse_note(note).text).size for log_id, note in notes.items()}
    halted = {halt.log_id for halt in await read_halts(reader)}
    gauges = (
        Metric("jejak_log_size", "Entries of a log.", {head.log.slug: head.size for head in heads}),
        Metric(
            "jejak_log_signed_size",
            "Entries under a log's newest checkpoint.",
            {head.log.slug: signed.get(head.log.log_id, 0) for head in heads},
        ),
        Metric(
            "jejak_log_followed_size",
            "Entries of a log that every view has followed.",
            {head.log.slug: followed.get(head.log.log_id, 0) for head in heads},
        ),
        Metric(
            "jejak_log_searched_size",
            "Entries of a log that the search has taken in.",
            {head.log.slug: searched.get(head.log.log_id, 0) for head in heads},
        ),
        Metric(
            "jejak_log_halted",
            "1 for a log that contradicts what it has signed.",
            {head.log.slug: int(head.log.log_id in halted) for head in heads},
        ),
        Metric("jejak_views_stopped", "Logs whose views have stopped.", len(service.runner.failures)),
        Metric("jejak_searches_stopped", "Logs whose search has stopped.", len(service.search.failures)),
        Metric("jejak_logs_unsigned", "Logs that wait too long for a checkpoint.", await service.unsigned()),
        Metric(
            "jejak_logs_lost",
            "Logs that were signed of and are not in the database.",
            len(await lost_logs(reader, service.vault)),
        ),
    )
    return Response("".join(_lines(gauges)).encode(), media_type=MEDIA_TYPE)


def _lines(gauges: Iterable[Metric]) -> Iterable[str]:
    for gauge in gauges:
        yield f"# HELP {gauge.name} {gauge.help}\n# TYPE {gauge.name} gauge\n"
        if isinstance(gauge.value, int):
            yield f"{gauge.name} {gauge.value}\n"
        else:
            yield from (f'{gauge.name}{{log="{slug}"}} {value}\n' for slug, value in gauge.value.items())


ROUTES = (metrics,)
