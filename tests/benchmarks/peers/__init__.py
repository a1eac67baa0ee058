"""What a user might pick instead of the ledger: one module for each, at the settings that we measured as its best.

Each stores the events that the ledger has just stored, the bytes of the entry as its data, and is durable as the
ledger is. What it is handed is made beforehand, as the ledger's requests are, so that what is timed is storing alone.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from msgspec import Struct

from tests.benchmarks.copying import Row

Made = TypeVar("Made")


class Recorded(Struct, frozen=True, kw_only=True):
    """What the ledger stored for an event: what a peer is to store, too."""

    subject: str
    version: int
    type: str
    entry: bytes


def read_recorded(rows: Iterable[Row]) -> list[Recorded]:
    """Return the events of these rows of `event`."""
    return [
        Recorded(
            subject=cast("str", subject),
            version=cast("int", version),
            type=cast("str", kind),
            entry=cast("bytes", entry),
        )
        for _, _, version, _, _, subject, kind, _, entry in rows
    ]


def deal(made: Sequence[Made], step: int, threads: int) -> list[list[Sequence[Made]]]:
    """Return batches of `step`, dealt out to so many threads."""
    batches = [made[start : start + step] for start in range(0, len(made), step)]
    return [batches[at::threads] for at in range(threads)]
