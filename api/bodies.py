"""Bodies in and out: media types of requests, and answers as JSON, NDJSON or CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from litestar import Request, Response
from litestar.types import Receive
from msgspec import Struct

from api.answers import WholeAnswer
from api.problems import UnsupportedMedia
from ledger.errors import Fault, Refused, TooLarge, Unreadable
from ledger.intake import BODY_MAX_BYTES, Form
from ledger.shape import faults_of

NDJSON = "application/x-ndjson"
JSON = "application/json"
CSV = "text/csv"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
EVENT_FORMS: Mapping[str, Form] = {NDJSON: "lines", CLOUDEVENT: "one", CLOUDEVENTS: "array"}
"""How events stand in a body; of JSON its first character tells."""
BINARY_MODE = b"ce-specversion"
"""The header that every event in binary mode has (CloudEvents HTTP binding, 3.1)."""
Format = Literal["json", "ndjson", "csv"]
FORMATS: tuple[Format, ...] = ("json", "ndjson", "csv")
FORMAT = "format"
"""The parameter by which a link says in which form it wants a list: a link has no Accept header."""
Shape = TypeVar("Shape", bound=Struct)


def media_type(header: str | None) -> str:
    """Return the media type of a Content-Type header, without parameters."""
    return (header or JSON).partition(";")[0].strip().lower()


def event_media_type(request: Request[Any, Any, Any]) -> str:
    """Return the media type in which events are sent. Raises UnsupportedMedia for CloudEvents in binary mode."""
    headers = dict(request.scope["headers"])
    if BINARY_MODE in headers:
        raise UnsupportedMedia(
            "CloudEvents are not taken in binary mode, as headers that begin with ce-: "
            f"send them structured ({CLOUDEVENT}) or as a batch ({CLOUDEVENTS})"
        )
    return media_type(headers.get(b"content-type", b"").decode("latin-1"))


async def whole_body(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> bytes:
    """Return the body of a request, packed or not.

    Raises TooLarge past BODY_MAX_BYTES, before anything of it is read where its length says so, and Unreadable.
    """
    size = next((int(value) for name, value in headers if name == b"content-length" and value.isdigit()), 0)
    parts: list[bytes] = []
    received, more = 0, True
    while more and size <= BODY_MAX_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise Unreadable("the client left before its body was whole")
        parts.append(message["body"])
        received, more = received + len(parts[-1]), message["more_body"]
        size = max(size, received)
    if size > BODY_MAX_BYTES:
        raise TooLarge(f"the body is over {BODY_MAX_BYTES} bytes: send several requests")
    return b"".join(parts)


def read_body(body: bytes, shape: type[Shape]) -> Shape:
    """Read a JSON object of a known shape. Raises Unreadable, or Refused with every fault."""
    try:
        body.decode()
        try:
            return msgspec.json.decode(body, type=shape)
        except msgspec.ValidationError:
            raise Refused(tuple(faults_of(msgspec.json.decode(body), shape))) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(f"the body is no JSON: {error}") from error


def event_form(media: str, body: bytes) -> Form:
    """Return how events stand in a body of this media type. Raises UnsupportedMedia."""
    if media == JSON:
        return "array" if body.lstrip()[:1] == b"[" else "one"
    form = EVENT_FORMS.get(media)
    if form is None:
        raise UnsupportedMedia(f"{media} is not taken: send {', '.join((*EVENT_FORMS, JSON))}")
    return form


def wanted_format(request: Request[Any, Any, Any]) -> Format:
    """Return the form in which the client wants a list: what `format` says, else the first of Accept that we have.

    Raises Refused.
    """
    named = request.query_params.get(FORMAT)
    if named is not None:
        return _named_format(named)
    for part in request.headers.get("accept", "").split(","):
        media = media_type(part) if part else ""
        if media in {NDJSON, "application/ndjson"}:
            return "ndjson"
        if media == CSV:
            return "csv"
        if media in {JSON, "*/*", "application/*"}:
            return "json"
    return "json"


def _named_format(text: str) -> Format:
    form: Format | None = next((one for one in FORMATS if one == text), None)
    if form is None:
        raise Refused((Fault("invalid-parameter", f"/{FORMAT}", f"is none of {', '.join(FORMATS)}"),))
    return form


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> WholeAnswer:  # noqa: ANN401 - JSON
    """Return JSON that is sent as it is, where each microsecond counts."""
    return WholeAnswer(msgspec.json.encode(value), status, JSON, headers or {})


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:  # noqa: ANN401 - JSON
    """Return JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type=JSON, headers=headers)


def list_response(
    form: Format, items: Sequence[bytes], around: Mapping[str, Any], columns: Sequence[str] | None = None
) -> Response[bytes]:
    """Return items, which are JSON objects, in the form wanted; `around` are the members beside them.

    NDJSON and CSV carry what stands around in headers: the cursor in `Jejak-Next`, all else in `Jejak-Answer`.
    `columns` are those of CSV; None: a column for each member that an item has.
    """
    if form == "json":
        rest = msgspec.json.encode(around)[1:]
        comma = b"," if around else b""
        return Response(b'{"items":[' + b",".join(items) + b"]" + comma + rest, media_type=JSON)
    headers = {"Jejak-Answer": msgspec.json.encode({k: v for k, v in around.items() if k != "next"}).decode()}
    if around.get("next"):
        headers["Jejak-Next"] = around["next"]
    if form == "ndjson":
        return Response(b"".join(item + b"\n" for item in items), media_type=NDJSON, headers=headers)
    return Response(write_csv(items, columns), media_type=CSV, headers=headers)


def write_csv(items: Sequence[bytes], columns: Sequence[str] | None = None) -> bytes:
    """Return JSON objects as CSV (RFC 4180) with a header; nested values stay JSON.

    `columns` None: a column for each member that an item has.
    """
    if columns is None:
        rows: list[dict[str, Any]] = [msgspec.json.decode(item) for item in items]
        columns = list(dict.fromkeys(name for row in rows for name in row))
    return write_cells([columns]) + write_rows(items, columns)


def write_rows(items: Sequence[bytes], columns: Sequence[str]) -> bytes:
    """Return JSON objects as rows of CSV, without a header."""
    rows: list[dict[str, Any]] = [msgspec.json.decode(item) for item in items]
    return write_cells([[_cell(row.get(name)) for name in columns] for row in rows])


def write_cells(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows of CSV as they are."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    # A spreadsheet would run a cell that begins like a formula.
    return "'" + text if text[:1] in tuple("=+@\t\r\n") or (text[:1] == "-" and isinstance(value, str)) else text
