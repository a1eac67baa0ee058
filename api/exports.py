"""Exports: all events that a question finds, however many, as NDJSON or CSV, in the memory that a page takes.

The head says of which logs at which sizes (`Jejak-Answer`), and the last line how many events came: an export without
it was cut. What is appended meanwhile is not in it.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Literal, TypeAlias

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of
from api.bodies import CSV, FORMAT, NDJSON, wanted_format, write_cells, write_rows
from api.event_queries import EVENT_COLUMNS, FILTERS, EventQuestion, read_question
from api.long_answers import LongAnswer, until_refused
from api.queries import LOG_NAMES, asked_logs, queried_logs, read_query
from api.reading import note_rows
from api.service import Service
from api.windows import within_window
from ledger.intake import LogInfo

PAGE_EVENTS = 250
"""Events read at once: 16 MiB at most, as an entry has at most 64 KiB."""
GZIP_LEVEL = 1
"""Entries are much alike: the quickest level leaves a quarter, the slowest a fifth at ten times the work."""
GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""What makes zlib write gzip's head and checksum (RFC 1952)."""
COMPLETE = "#complete"
"""The first cell of the last row of CSV. No id begins so, and who reads CSV with comments passes it over."""
ASKED = (*FILTERS, "order", FORMAT)
ExportForm: TypeAlias = Literal["ndjson", "csv"]


@get("/v1/logs/{slug:str}/export")
async def export_log(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> LongAnswer:
    """Export the events of a log: NDJSON, or CSV where that is accepted; gzip where that is."""
    given = read_query(request, ASKED)
    logs = await asked_logs(request, service.database.pool("reader"), [slug], windowed=True)
    return await _export(request, service, logs, given)


@get("/v1/export")
async def export_all(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> LongAnswer:
    """Export the events of every log that the asker may read, log by log."""
    given = read_query(request, (*ASKED, *LOG_NAMES))
    logs = await queried_logs(request, service.database.pool("reader"), given)
    return await _export(request, service, logs, given)


async def _export(
    request: Request[Any, Any, Any], service: Service, logs: Sequence[LogInfo], given: dict[str, list[str]]
) -> LongAnswer:
    question = await read_question(service, logs, within_window(credential_of(request), given))
    form: ExportForm = "csv" if wanted_format(request) == "csv" else "ndjson"
    pieces = _pieces(service, question, form)
    headers = {"Jejak-Answer": msgspec.json.encode(question.describe()).decode(), "Vary": "Accept, Accept-Encoding"}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        pieces, headers["Content-Encoding"] = compressed(pieces), "gzip"
    media_type = CSV if form == "csv" else NDJSON
    return LongAnswer(pieces, until_refused(request, logs), media_type=media_type, headers=headers)


async def _pieces(service: Service, question: EventQuestion, form: ExportForm) -> AsyncGenerator[bytes]:
    """Yield an export page by page, then its last line."""
    events, place = 0, question.start
    if form == "csv":
        yield write_cells([EVENT_COLUMNS])
    while place is not None:
        items, place = await question.page(service, place, PAGE_EVENTS)
        events += len(items)
        note_rows(len(items))
        yield write_rows(items, EVENT_COLUMNS) if form == "csv" else b"".join(item + b"\n" for item in items)
    yield last_line(form, events)


def last_line(form: ExportForm, events: int) -> bytes:
    """Return the line that says that an export is whole, and how many events are in it."""
    if form == "csv":
        return write_cells([[COMPLETE, str(events), *[""] * (len(EVENT_COLUMNS) - 2)]])
    return msgspec.json.encode({"complete": True, "events": events}) + b"\n"


async def compressed(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield pieces as gzip. Each is compressed beside the loop, which serves others meanwhile."""
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    async with aclosing(pieces):
        async for piece in pieces:
            yield await asyncio.to_thread(compressor.compress, piece)
    yield compressor.flush()


def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding header takes gzip (RFC 9110 12.5.3): named, or by *, and not of quality 0."""
    qualities: dict[str, float] = {}
    for part in accepted.split(","):
        coding, _, parameter = part.partition(";")
        name, _, value = parameter.replace(" ", "").partition("=")
        try:
            qualities[coding.strip().lower()] = float(value) if name.lower() == "q" else 1.0
        except ValueError:
            qualities[coding.strip().lower()] = 0.0
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0.0


ROUTES = (export_log, export_all)
