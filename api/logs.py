"""Logs: create, list, look at one."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api.auth import credential_of, must_read, readable
from api.bodies import json_response, read_body
from api.service import Service
from ledger.checkpoints import newest_checkpoints, newest_keys
from ledger.database import Pool
from ledger.domain.codes import CountryCode
from ledger.domain.instants import format_instant, zone
from ledger.errors import Fault, Refused
from ledger.marks import Halt, read_halts
from ledger.shape import INVALID
from ledger.store import LogHead, read_heads
from projections.completeness.closing import closed_through

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


async def describe_heads(reader: Pool, heads: Sequence[LogHead], followed: Mapping[int, int]) -> list[dict[str, Any]]:
    """Return logs as JSON values, and what they have signed and closed; `followed` is how far the views of each are."""
    logs = [head.log for head in heads]
    keys, checkpoints = await newest_keys(reader, logs), await newest_checkpoints(reader, logs)
    halts = {halt.log_id: halt for halt in await read_halts(reader)}
    return [
        {
            **_describe_head(head, followed.get(head.log.log_id, 0)),
            "key": keys.get(head.log.log_id),
            "checkpoint": note.decode() if (note := checkpoints.get(head.log.log_id)) is not None else None,
            "closed_through": await closed_through(reader, head),
            "halted": _describe_halt(halts.get(head.log.log_id)),
        }
        for head in heads
    ]


def _describe_halt(halt: Halt | None) -> dict[str, str] | None:
    return None if halt is None else {"reason": halt.reason, "since": format_instant(halt.since)}


def _describe_head(head: LogHead, followed: int) -> dict[str, Any]:
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
    new = read_new_log(await request.body())
    log = await service.create_log(new.slug, new.kind, new.timezone, new.jurisdiction, new.data_class)
    reader = service.database.pool("reader")
    (described,) = await describe_heads(reader, await read_heads(reader, [log.slug]), {})
    return json_response(described, 201, {"Location": f"/v1/logs/{log.slug}"})


@get("/v1/logs")
async def list_all(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List the logs that the asker may read."""
    reader = service.database.pool("reader")
    heads = await read_heads(reader)
    mine = {log.slug for log in readable(credential_of(request), [head.log for head in heads])}
    items = await describe_heads(reader, [head for head in heads if head.log.slug in mine], await service.followed())
    return json_response({"items": items, "next": None})


@get("/v1/logs/{slug:str}")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Show one log: size, root, key and newest checkpoint, how far its views are."""
    reader = service.database.pool("reader")
    must_read(credential_of(request), await service.find_log(slug))
    (described,) = await describe_heads(reader, await read_heads(reader, [slug]), await service.followed())
    return json_response(described)


ROUTES = (create, list_all, show)
