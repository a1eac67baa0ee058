"""Query strings: what was said of time, of logs and of pages. Unknown names are refused."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

from litestar import Request

from api.auth import credential_of, must_read, readable
from api.reading import note_reading
from ledger.domain.fact import Basis, Certainty
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.store import Reader, find_logs
from projections.moment import TimeParameters

LOG_NAMES = ("log", "jurisdiction")
"""What says which logs a question is about: those named, or all of a jurisdiction that the asker may read."""
TIME_NAMES = ("as_of", "known_at", "tz", "certainty", "basis", "size")


def read_query(request: Request[Any, Any, Any], names: Collection[str]) -> dict[str, list[str]]:
    """Return every query parameter with its values. Raises Refused for one that is not known here, or empty."""
    given: dict[str, list[str]] = {}
    if not request.scope["query_string"]:
        return given
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(str(value))
    given = dict(sorted(given.items()))  # the framework's order is none
    faults = [
        Fault("unknown-parameter", f"/{name}", f"is not known here: {', '.join(sorted(names))}")
        for name in given
        if name not in names
    ]
    faults += [Fault("invalid-parameter", f"/{name}", "is empty") for name, values in given.items() if "" in values]
    faults += [
        Fault("invalid-parameter", f"/{name}", "holds U+0000")
        for name, values in given.items()
        if any("\0" in value for value in values)
    ]
    if faults:
        raise Refused(tuple(faults))
    return given


def one(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    """Return the only value of a parameter, or None. Raises Refused when it is repeated."""
    values = given.get(name, ())
    if len(values) > 1:
        raise Refused((Fault("invalid-parameter", f"/{name}", "is given more than once"),))
    return values[0] if values else None


def read_truth(given: Mapping[str, Sequence[str]], name: str, *, default: bool = False) -> bool:
    """Return a parameter that is true or false. Raises Refused."""
    text = one(given, name)
    if text not in {None, "true", "false"}:
        raise Refused((Fault("invalid-parameter", f"/{name}", "is neither true nor false"),))
    return default if text is None else text == "true"


def read_count(given: Mapping[str, Sequence[str]], name: str, default: int, maximum: int) -> int:
    """Return a whole number from 1 to `maximum`. Raises Refused."""
    text = one(given, name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > len(str(maximum)) or not 1 <= int(text) <= maximum:
        raise Refused((Fault("invalid-parameter", f"/{name}", f"is no whole number from 1 to {maximum}"),))
    return int(text)


def read_time(given: Mapping[str, Sequence[str]]) -> TimeParameters:
    """Return the time parameters. Raises Refused."""
    sizes: dict[str, int] = {}
    for text in given.get("size", ()):
        slug, _, number = text.rpartition(":")
        if not slug or not number.isascii() or not number.isdigit() or len(number) > 15:  # noqa: PLR2004
            raise Refused((Fault("invalid-parameter", "/size", "is not of the form log:size"),))
        sizes[slug] = int(number)
    certainty = one(given, "certainty") or "CERTAIN"
    basis = one(given, "basis") or "LEDGER"
    faults = [
        Fault("invalid-parameter", f"/{name}", f"is none of {', '.join(known)}")
        for name, value, known in (
            ("certainty", certainty, get_args(Certainty)),
            ("basis", basis, get_args(Basis)),
        )
        if value not in known
    ]
    if faults:
        raise Refused(tuple(faults))
    return TimeParameters(
        as_of=one(given, "as_of"),
        known_at=one(given, "known_at"),
        tz=one(given, "tz"),
        certainty="POSSIBLE" if certainty == "POSSIBLE" else "CERTAIN",
        basis="SOURCE" if basis == "SOURCE" else "LEDGER",
        size=sizes,
    )


async def asked_logs(
    request: Request[Any, Any, Any],
    reader: Reader,
    slugs: Sequence[str] | None,
    *,
    windowed: bool = False,
    jurisdictions: Sequence[str] | None = None,
) -> list[LogInfo]:
    """Return the logs that a question is about: those named, else all that the asker may read whole.

    Where `jurisdictions` are said, only logs of these. Tokens that have a window are for questions alone that heed it,
    which say so: `windowed` (`api.windows`).

    Raises UnknownLog, and Forbidden for one that is named and may not be read.
    """
    credential = credential_of(request)
    logs = [
        log for log in await find_logs(reader, slugs or None) if not jurisdictions or log.jurisdiction in jurisdictions
    ]
    if not slugs:
        logs = readable(credential, logs, windowed=windowed)
        note_reading(logs)
        return logs
    for log in logs:
        must_read(credential, log, windowed=windowed)
    return logs


async def queried_logs(
    request: Request[Any, Any, Any], reader: Reader, given: Mapping[str, Sequence[str]]
) -> list[LogInfo]:
    """Return the logs that a query string is about, which says so by LOG_NAMES; whoever asks heeds windows."""
    return await asked_logs(request, reader, given.get("log"), windowed=True, jurisdictions=given.get("jurisdiction"))
