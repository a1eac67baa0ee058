"""Logs: what is made, shown, proved, and what everybody can verify."""

from collections.abc import Mapping

from api.description.operation import JSON, Answer, Content, Link, Operation, answered, sent
from api.description.parameters import in_path, parameter, path, query
from api.description.schema import Schema, each, members, ref, text, whole
from api.description.shapes import NEXT
from api.description.statuses import BODY, NAMED, TOKEN
from api.receipts import SIZE_MAX

LOGS, PROOFS, TILES = "Logs", "Proofs", "Transparency log"
BINARY, NOTE = "application/octet-stream", "text/plain"
EVENT = "L01-pub"
"""An event of the demonstration's `lazada-id`."""
LARGE = "tiktok-shop-id"
"""A log of the demonstration that has full tiles."""
CACHING = {"ETag": "What `If-None-Match` may name.", "Cache-Control": "How long it may be kept."}
NOT_MODIFIED = Answer(means="It is as `If-None-Match` says")
NEW_LOG = {"slug": "demo-shop", "kind": "PLATFORM", "timezone": "Asia/Jakarta", "jurisdiction": "ID"}


def note(means: str) -> Answer:
    """Return the answer of a signed note, or of a proof that holds one."""
    return Answer(means=means, contents={NOTE: Content(schema=text())})


def file(means: str, media: str, schema: Schema | None = None) -> Mapping[int, Answer]:
    """Return the answers of a file that may be kept."""
    content = Content(schema=schema or text())
    return {200: Answer(means=means, contents={media: content}, headers=CACHING), 304: NOT_MODIFIED}


def in_event(example: str = EVENT) -> dict[str, object]:
    """Return the part of a path that says which event is meant."""
    return path("event_id", text(), "The event's id.", example)


HAVE = parameter("If-None-Match", text(), "The `ETag` of what is there already.", place="header")
LEVEL = path("level", whole(minimum=0, maximum=63), "The level of the tile: 0 has the leaf hashes.", 0)
INDEX = path("index", text(pattern=r"^[0-9]{3}$"), "The tile's number; past 999 as C2SP writes it, `x001/234`.", "000")
WIDTH = path("width", whole(minimum=1, maximum=255), "How many hashes or entries a tile has that is not full.", 5)
SIGNED = Link(
    operation="GET /v1/logs/{slug}/checkpoints/{size}",
    parameters={"slug": "$request.path.slug", "size": "$response.body#/to/size"},
)

OPERATIONS: Mapping[str, Operation | tuple[Operation, ...]] = {
    "POST /v1/logs": Operation(
        tag=LOGS,
        body=sent(ref("NewLog"), log=NEW_LOG),
        answers={201: answered(ref("Log"), "The log was created")},
        problems=(*TOKEN, 403, 409, 422, *BODY),
    ),
    "GET /v1/logs": Operation(
        tag=LOGS,
        answers={200: answered(members({"items": each(ref("Log")), "next": NEXT}))},
        problems=TOKEN,
    ),
    "GET /v1/logs/{slug:str}": Operation(
        tag=LOGS, parameters=[in_path()], answers={200: answered(ref("Log"))}, problems=(*TOKEN, 403, 404)
    ),
    "GET /v1/logs/{slug:str}/events/{event_id:str}/proof": Operation(
        tag=PROOFS,
        parameters=[
            in_path(),
            in_event(),
            query(
                "size", whole(minimum=1, maximum=SIZE_MAX), "The checkpoint of this size, not the first that will do."
            ),
        ],
        answers={200: note("A C2SP tlog-proof")},
        problems=NAMED,
    ),
    "GET /v1/logs/{slug:str}/checkpoints/{size:int}": Operation(
        tag=PROOFS,
        parameters=[in_path(), path("size", whole(minimum=0), "How many entries it covers.")],
        answers={200: note("A C2SP checkpoint")},
        problems=NAMED,
    ),
    "GET /v1/logs/{slug:str}/consistency": Operation(
        tag=PROOFS,
        parameters=[
            in_path(),
            query("from", whole(minimum=0, maximum=SIZE_MAX), "The smaller size.", example=1),
            query("to", whole(minimum=0, maximum=SIZE_MAX), "The larger; without it, that of the newest checkpoint."),
        ],
        answers={200: answered(ref("Growth"), "A proof of RFC 6962, 2.1.2", checkpoint=SIGNED)},
        problems=NAMED,
    ),
    "GET /logs/{slug:str}/checkpoint": Operation(
        tag=TILES,
        access="EITHER",
        parameters=[in_path(), HAVE],
        answers=file("A C2SP checkpoint", NOTE),
        problems=(401, 404, 503),
    ),
    "GET /logs/{slug:str}/log.json": Operation(
        tag=TILES,
        access="EITHER",
        parameters=[in_path(), HAVE],
        answers=file("Kind, zone and origin; no proof covers them", JSON, {"type": "object"}),
        problems=(401, 404, 503),
    ),
    "GET /logs/{slug:str}/tile/entries/{place:path}": tuple(
        Operation(
            tag=TILES,
            access="EITHER",
            path=f"/logs/{{slug}}/tile/entries/{{index}}{suffix}",
            summary=f"Return {what} of entries.",
            parameters=[log, INDEX, *more, HAVE],
            answers=file("Entries, each after its length (C2SP tlog-tiles)", BINARY),
            problems=(401, 403, 404, 503),
        )
        for what, suffix, log, more in (
            ("a full bundle", "", in_path(LARGE), []),
            ("a bundle that is not full", ".p/{width}", in_path(), [WIDTH]),
        )
    ),
    "GET /logs/{slug:str}/tile/{place:path}": tuple(
        Operation(
            tag=TILES,
            access="EITHER",
            path=f"/logs/{{slug}}/tile/{{level}}/{{index}}{suffix}",
            summary=f"Return {what} of hashes.",
            parameters=[log, LEVEL, INDEX, *more, HAVE],
            answers=file("Hashes of 32 bytes (C2SP tlog-tiles)", BINARY),
            problems=(401, 404, 503),
        )
        for what, suffix, log, more in (
            ("a full tile", "", in_path(LARGE), []),
            ("a tile that is not full", ".p/{width}", in_path(), [WIDTH]),
        )
    ),
}
