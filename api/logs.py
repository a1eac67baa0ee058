"""Logs: create, list, look at one."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api.auth import credential_of, must_operate, must_read, readable
from api.bodies import json_response, read_body
from api.service import Service
from ledger.domain.codes import CountryCode
from ledger.domain.instants import format_instant, zone
from ledger.errors import Fault, Refused
from ledger.shape import INVALID
from ledger.store import LogHead, read_heads

LogKind = Literal["PLATFORM", "AUTHORITY", "HOLDER", "FORUM", "REGISTER", "APPLICATION", "AUDIT"]
DataClass = Literal["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"]
SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$(?!\n)"


class NewLog(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a log is: fixed at its creation."""

    slug: Annotated[str, Meta(pattern=SLUG_PATTERN, max_length=63)]
    timezone: Annotated[str, Meta(max_length=64)]
    kind: LogKind = "PLATFORM"
    jurisdiction: CountryCode | None = None
    data_class: DataClass = "CONFIDENTIAL"


def read_new_log(body: bytes) -> NewLog:
    """Read and check a new log. Raises Unreadable or Refused."""
    new = read_body(body, NewLog)
    try:
        zone(new.timezone)
    except ValueError as error:
        raise Refused((Fault(INVALID, "/timezone", str(error)),)) from error
    return new


def describe_head(head: LogHead, followed: int) -> dict[str, Any]:
    """Return a log as JSON values."""
    return {
        "slug": head.log.slug,
        "kind": head.log.kind,
        "data_class": head.log.data_class,
        "timezone": head.log.timezone,
        "jurisdiction": head.log.jurisdiction,
        "origin": head.log.origin,
        "created": format_instant(head.log.created),
        "size": head.size,
        "root": head.root.hex(),
        "first_recordedtime": format_instant(head.first_recordedtime) if head.first_recordedtime else None,
        "last_recordedtime": format_instant(head.last_recordedtime) if head.last_recordedtime else None,
        "views_behind": head.size - followed,
    }


@post("/v1/logs", status_code=201)
async def create(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Create a log. Operators only."""
    must_operate(credential_of(request))
    new = read_new_log(await request.body())
    log = await service.create_log(new.slug, new.kind, new.timezone, new.jurisdiction, new.data_class)
    heads = await read_heads(service.database.pool("reader"), [log.slug])
    return json_response(describe_head(heads[0], 0), 201, {"Location": f"/v1/logs/{log.slug}"})


@get("/v1/logs")
async def list_all(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List the logs that the asker may read."""
    heads = await read_heads(service.database.pool("reader"))
    mine = {log.slug for log in readable(credential_of(request), [head.log for head in heads])}
    followed = await service.followed()
    items = [describe_head(head, followed.get(head.log.log_id, 0)) for head in heads if head.log.slug in mine]
    return json_response({"items": items, "next": None})


@get("/v1/logs/{slug:str}")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Show one log: size, root, how far its views are."""
    reader = service.database.pool("reader")
    must_read(credential_of(request), await service.find_log(slug))
    head = (await read_heads(reader, [slug]))[0]
    return json_response(describe_head(head, (await service.followed()).get(head.log.log_id, 0)))


ROUTES = (create, list_all, show)
