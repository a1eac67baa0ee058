"""Daily files of statements: what was published of a log, each file by its SHA-256, and publishing a day.

They are open for PUBLIC logs, and else for those who may read the log. A file never changes, nor does what is listed.
"""

import asyncio
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.auth import credential_of, must_read
from api.bodies import CSV, json_response, read_body
from api.dsa.dumps import find_file, publish, published, read_file
from api.long_answers import LongAnswer, until_refused
from api.reading import note_rows
from api.service import Service
from api.tlog import IMMUTABLE
from ledger.errors import NotFound
from ledger.intake import LogInfo

ENDING = ".csv"


class Day(Struct, frozen=True, forbid_unknown_fields=True):
    """Which day is to be published: a date of the ledger's clock, in UTC."""

    date: date


@get("/logs/{slug:str}/dumps")
async def list_dumps(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """List what was published of a log: date, rows, bytes and SHA-256 of each file, and the note that signs them."""
    log = await _readable(request, service, slug)
    items = [one.describe() for one in await published(service.database.pool("reader"), log)]
    return json_response({"log": slug, "items": items, "next": None})


@post("/logs/{slug:str}/dumps", status_code=201)
async def publish_day(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Publish the files of a day that is over, `{"date": "2025-07-01"}`. A day is published once; later it is told."""
    credential = credential_of(request)
    day = read_body(await request.body(), Day).date
    log = await service.find_log(slug)
    done = await publish(service.database, service.vault, service.appender, log, day, credential.token_id)
    return json_response({"log": slug, **done.describe()}, 201)


@get("/logs/{slug:str}/dumps/{name:str}")
async def show_file(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], name: FromPath[str]
) -> LongAnswer:
    """Return a file by its name, `<SHA-256>.csv`."""
    log = await _readable(request, service, slug)
    if not name.endswith(ENDING):
        raise NotFound(f"a file is named by its SHA-256, and {ENDING}")
    reader = service.database.pool("reader")
    dump, file = find_file(await published(reader, log), name.removesuffix(ENDING))
    shown = f"sor-{slug}-{dump.day}-{file.variant}{ENDING}"
    headers = {
        "Content-Disposition": f'attachment; filename="{shown}"',
        "Content-Length": str(file.bytes),
        "ETag": f'"{file.sha256}"',
        "Cache-Control": f"{'public' if log.public else 'private'}, {IMMUTABLE}",
    }
    note_rows(file.rows)
    over = _never if log.public else until_refused(request, [log])
    return LongAnswer(read_file(reader, log, dump, file), over, media_type=CSV, headers=headers)


async def _never() -> None:
    """Return never: nobody's right to read a public log ends."""
    await asyncio.Event().wait()


async def _readable(request: Request[Any, Any, Any], service: Service, slug: str) -> LogInfo:
    log = await service.find_log(slug)
    if not log.public:
        must_read(credential_of(request), log)
    return log


ROUTES = (list_dumps, publish_day, show_file)
