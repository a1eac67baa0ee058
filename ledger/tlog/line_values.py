"""What stands in the lines of notes, proofs and requests to witnesses: decimals, base64 and hashes. Pure.

Each value is written in exactly one way, so that what was parsed is formatted to the very same bytes. Others' readers
forgive more (base64 with stray bits in its last character); nothing that a log or a witness writes needs it.
"""

import base64
import binascii
from typing import Final

from ledger.tlog.merkle import HASH_SIZE, MAX_SIZE

_LONGEST_DECIMAL: Final = len(str(MAX_SIZE))


def parse_decimal(text: str) -> int:
    """Return a number of entries, or an entry's index: ASCII digits without a leading zero, at most 2^64 - 1.

    C2SP tlog-checkpoint, "Note text". Raises ValueError for everything else.
    """
    digits = text.isascii() and text.isdigit() and len(text) <= _LONGEST_DECIMAL
    if not digits or (text[0] == "0" and text != "0") or int(text) > MAX_SIZE:
        raise ValueError(f"{text[:80]!r} is no decimal number below 2^64 without a leading zero")
    return int(text)


def encode_base64(content: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(content).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return what encode_base64 wrote. Raises ValueError for everything that it writes otherwise, or not at all."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"{text[:80]!r} is not base64") from error
    if encode_base64(content) != text:
        raise ValueError(f"{text[:80]!r} is not base64 as it is written")
    return content


def decode_hash(text: str) -> bytes:
    """Return a hash of 32 bytes from base64. Raises ValueError for everything else."""
    content = decode_base64(text)
    if len(content) != HASH_SIZE:
        raise ValueError(f"a hash has {HASH_SIZE} bytes, and {text[:80]!r} is {len(content)}")
    return content
