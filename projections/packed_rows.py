"""Rows of views, packed as COPY reads them (`ledger.binary_copy`). Pure."""

from collections.abc import Sequence
from struct import Struct as Layout

from ledger.binary_copy import NULL, field, pack_length, timestamp
from ledger.entry import encode_canonical
from projections.rectangle import End, Rectangle

RECTANGLE_COLUMNS = (
    "log_id",
    "subject",
    "key",
    "certainty",
    "valid_from",
    "valid_to",
    "valid_to_known",
    "known_from",
    "known_to",
)
"""Of the table of every view, before its own columns."""
END_COLUMNS = ("ended", "ended_known")
"""After its own columns, of what is to replace newest rectangles: the end of what it replaces, or null."""
_begin = Layout(">hiii").pack
_ranges = Layout(">iqiqiqiqiq").pack
_number = Layout(">iq").pack


def pack_row(log_id: int, r: Rectangle, more: Sequence[bytes] = ()) -> bytes:
    """Return a row of RECTANGLE_COLUMNS and a view's own columns, the answer as JSON last, as it stands in a COPY.

    `more` are fields of other columns, which come after them.
    """
    row = r.row
    owner, key, item = r.subject.encode(), r.key.encode(), encode_canonical(row[-1])
    valid_from, valid_to = timestamp(r.valid_from), timestamp(r.valid_to)
    parts = [
        _begin(len(RECTANGLE_COLUMNS) + len(row) + len(more), 4, log_id, len(owner)),
        owner,
        pack_length(len(key)),
        key,
        field(r.certainty),
        _ranges(8, valid_from, 8, valid_to, 8, r.valid_to_known, 8, r.known_from, 8, r.known_to),
        *map(field, row[:-1]),
        pack_length(len(item)),
        item,
        *more,
    ]
    return b"".join(parts)


def pack_end(end: End | None) -> tuple[bytes, bytes]:
    """Return the fields of END_COLUMNS."""
    return (NULL, NULL) if end is None else (_number(8, timestamp(end[0])), _number(8, end[1]))
