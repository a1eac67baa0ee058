"""What a log shows to everybody: its checkpoint, tiles and bundles of entries, at the paths of C2SP tlog-tiles.

Checkpoints and hashes are open for every log (a leaf of one that is not PUBLIC is salted, and confirms no guess);
entries are open for PUBLIC logs, and others' are for those who may read the log. A path is served as it is written in
the specification, or not at all, so that a cache holds each thing once.
"""

from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of, must_read
from api.bodies import JSON
from api.service import Service
from ledger.database_source import DatabaseSource
from ledger.errors import Gone, NotFound
from ledger.intake import LogInfo
from ledger.tlog.bundle import encode_bundle
from ledger.tlog.tile_path import parse_entries_path, parse_tile_path

BINARY = "application/octet-stream"
NOTE = "text/plain"
"""UTF-8, as the framework adds."""
CHECKPOINT_SECONDS = 1
"""How long a checkpoint may be kept: one is signed every second while a log grows."""
IMMUTABLE = "max-age=604800, immutable"
"""How long what never changes may be kept; a week, as others' logs say."""
DESCRIPTION_SECONDS = 60
"""How long what a log says of itself may be kept: it changes only when a log is reopened."""
NOT_MODIFIED = 304


@get("/logs/{slug:str}/checkpoint")
async def checkpoint(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Return the newest checkpoint of a log, with every signature on it."""
    source = DatabaseSource(service.database.pool("reader"), await _log(request, service, slug, "checkpoint"))
    try:
        note = await source.checkpoint()
    except Gone as error:
        raise NotFound(str(error)) from error
    return _answer(request, note, NOTE, f"public, max-age={CHECKPOINT_SECONDS}")


@get("/logs/{slug:str}/log.json")
async def description(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Return what a log says of itself: kind, zone, origin. No proof covers it."""
    log = await _log(request, service, slug, "log.json")
    said = await DatabaseSource(service.database.pool("reader"), log).description()
    return _answer(request, msgspec.json.encode(said), JSON, f"public, max-age={DESCRIPTION_SECONDS}")


@get("/logs/{slug:str}/tile/entries/{place:path}")
async def entries(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], place: FromPath[str]
) -> Response[bytes]:
    """Return a bundle of entries."""
    path = f"tile/entries{place}"
    log = await _log(request, service, slug, path)
    if not log.public:
        must_read(credential_of(request), log)
    try:
        bundle = parse_entries_path(path)
        found = await DatabaseSource(service.database.pool("reader"), log).entries(bundle.index, bundle.width)
    except (ValueError, Gone) as error:
        raise NotFound(str(error)) from error
    return _answer(request, encode_bundle(found), BINARY, f"{'public' if log.public else 'private'}, {IMMUTABLE}")


@get("/logs/{slug:str}/tile/{place:path}")
async def tile(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], place: FromPath[str]
) -> Response[bytes]:
    """Return a tile of hashes."""
    path = f"tile{place}"
    log = await _log(request, service, slug, path)
    try:
        hashes = await DatabaseSource(service.database.pool("reader"), log).tile(parse_tile_path(path))
    except (ValueError, Gone) as error:
        raise NotFound(str(error)) from error
    return _answer(request, hashes, BINARY, f"public, {IMMUTABLE}")


async def _log(request: Request[Any, Any, Any], service: Service, slug: str, path: str) -> LogInfo:
    """Return the log, if the client has written the path as it must be: not encoded, nothing before or behind it."""
    written = request.scope["raw_path"].partition(b"?")[0]
    if written != f"/logs/{slug}/{path}".encode():
        raise NotFound(f"the path is written /logs/{slug}/{path}")
    return await service.find_log(slug)


def _answer(request: Request[Any, Any, Any], content: bytes, media_type: str, cache: str) -> Response[bytes]:
    """Return content with what caches need; only that, for who has it already."""
    tag = f'"{sha256(content).hexdigest()}"'
    headers = {"Cache-Control": cache, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


ROUTES = (checkpoint, description, entries, tile)
