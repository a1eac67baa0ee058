"""What must hold of a log's entries, one after another, whoever shows them: the form of each, and their order.

Each is a recorded event as canonical JSON (contract section 1), of its position and of this log; none was recorded
before the one it follows; and the versions of every stream count from 1.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

import msgspec

from ledger.entry import RecordedEvent, encode_canonical, read_entry
from ledger.errors import Tampered
from ledger.stream_versions import StreamVersions


class EntryOrder:
    """Judges entries as they pass, from a position on. Used in `with`: what it remembers stands in a temporary file.

    `origin` is the log's: `<ledger>/<slug>`, or `<ledger>/<slug>/2` and so on where the log was reopened.
    """

    def __init__(self, origin: str, start: int = 0) -> None:
        """Take the log's origin, and the position of the first entry that will be taken."""
        self._origin = origin
        self._position = start
        self._slug = ""
        self._last: datetime | None = None
        self._versions = StreamVersions(whole=start == 0)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary file."""
        self._versions.close()

    def take(self, entries: Iterable[bytes]) -> list[RecordedEvent]:
        """Return the next entries, read. Raises Tampered for the first that is not as it must be, and says where."""
        return [self._take(entry) for entry in entries]

    def _take(self, entry: bytes) -> RecordedEvent:
        place = f"position {self._position}"
        event = read_canonical(entry, place)
        if event.sequence != f"{self._position:020}":
            raise Tampered(place, f"the entry says that it is of position {event.sequence[:40]}")
        if event.log != self._slug:
            self._check_log(event.log, place)
        if self._last is not None and event.recordedtime < self._last:
            raise Tampered(place, "was recorded before the entry that it follows")
        self._versions.take(event.subject, event.streamversion, self._position)
        self._last = event.recordedtime
        self._position += 1
        return event

    def _check_log(self, slug: str, place: str) -> None:
        if self._slug or not is_origin_of(self._origin, slug):
            raise Tampered(place, f"the entry says that it is of log {slug[:80]}, and this is {self._origin}")
        self._slug = slug


def is_origin_of(origin: str, slug: str) -> bool:
    """Tell whether a log of this slug may have this origin: one that was reopened has a number behind its slug."""
    path, _, last = origin.rpartition("/")
    return last == slug or (last.isdecimal() and path.endswith(f"/{slug}"))


def read_canonical(entry: bytes, place: str) -> RecordedEvent:
    """Return an entry, read. Raises Tampered for one that is no recorded event, or is not written as it must be."""
    try:
        event = read_entry(entry)
        canonical = encode_canonical(msgspec.json.decode(entry)) == entry
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Tampered(place, f"the entry is no recorded event: {error}") from error
    if event.recordedtime.tzinfo is None:
        raise Tampered(place, "the entry's recordedtime has no offset")
    if not canonical:
        raise Tampered(place, "the entry is not canonical JSON")
    return event
