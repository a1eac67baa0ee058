"""Bundles of entries: how tiles carry the entries themselves. Pure. C2SP tlog-tiles, "Log Entries".

A bundle is for each of its entries, in order, the length in two bytes (big-endian) and the bytes. A full one has 256
entries, the last of a log as many as are left.
"""

from collections.abc import Sequence
from typing import Final

from ledger.tlog.merkle import TILE_WIDTH

ENTRY_MAX_BYTES: Final = 65_535
"""What two bytes can say."""
_LENGTH_SIZE: Final = 2


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return the bundle of 1 to 256 entries. Raises ValueError for more or none, and for an entry that is too long."""
    _check_width(len(entries))
    longest = max(map(len, entries))
    if longest > ENTRY_MAX_BYTES:
        raise ValueError(f"an entry has at most {ENTRY_MAX_BYTES} bytes, and one here {longest}")
    return b"".join(len(entry).to_bytes(_LENGTH_SIZE) + entry for entry in entries)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the `width` entries (1 to 256) of a bundle; the inverse of encode_bundle.

    Raises ValueError if the bytes are not exactly so many entries.
    """
    _check_width(width)
    entries: list[bytes] = []
    start = 0
    for _ in range(width):
        length = int.from_bytes(data[start : start + _LENGTH_SIZE])
        start += _LENGTH_SIZE
        entries.append(data[start : start + length])
        start += length
    if start != len(data):  # past the end as well: a slice there is shorter than its length says
        raise ValueError(f"a bundle of {width} entries has {start} bytes by its lengths, and this {len(data)}")
    return entries


def _check_width(width: int) -> None:
    """Raise ValueError unless a bundle may have so many entries."""
    if not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"a bundle has 1 to {TILE_WIDTH} entries, not {width}")
