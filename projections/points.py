"""Where streams have come to, kept beside the views: so a stream that is not in memory is not folded again.

A point is only a shorter way: it is used where its version is the one before the event that is to be taken, and where
there is none, or an older one, the stream is read from the log. The table is not logged: a crash empties it.
"""

from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from ledger.database import AnyConnection
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.stream import State
from ledger.domain.unchecked import unchecked
from ledger.statements import Statements
from ledger.store import Reader
from projections.course import Point

statements = Statements("projections")
encode = msgspec.msgpack.Encoder().encode


def decode(subject: str, state: bytes) -> State:
    """Return the state of a stream that was encoded."""
    return _decoder(kind_of(subject)).decode(state)


@cache
def _decoder(kind: str) -> msgspec.msgpack.Decoder[State]:
    return msgspec.msgpack.Decoder(unchecked(type(STREAMS[kind].begin(""))))


async def read_points(reader: Reader, log_id: int, subjects: Sequence[str]) -> dict[str, Point]:
    """Return where these streams have come to, as far as that was kept."""
    return {
        row["subject"]: Point(
            subject=row["subject"],
            version=row["version"],
            moment=row["moment"],
            state=decode(row["subject"], row["state"]),
        )
        for row in await reader.fetch(statements("read_points"), log_id, subjects)
    }


async def write_points(connection: AnyConnection, log_id: int, points: Iterable[Point]) -> None:
    """Keep where streams have come to."""
    rows = [(point.subject, point.version, point.moment, encode(point.state)) for point in points]
    if rows:
        await connection.execute(statements("write_points"), log_id, *map(list, zip(*rows, strict=True)))
