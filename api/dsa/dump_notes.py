"""What a log signs of a day's files: their hashes, as a C2SP signed note. Pure.

    jejak-dump/v1
    <origin of the log>
    <day, UTC>
    <position of its first entry> <position after its last>
    <variant> <rows> <bytes> <SHA-256 in hex>          one line for each file

The first line is that of no checkpoint, so that no signature is good for both.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct

from api.dsa.dump_rows import Variant
from ledger.tlog.note import NoteError, VerifierKey, parse_note, verify_note

HEAD = "jejak-dump/v1"
_HEAD_LINES = 4


class DumpFile(Struct, frozen=True):
    """One file: rows without its header, bytes with it, SHA-256 in hex."""

    variant: Variant
    rows: int
    bytes: int
    sha256: str


class Dump(Struct, frozen=True):
    """A day's files: made of the entries of positions [start, end) of a log of this origin."""

    origin: str
    day: date
    start: int
    end: int
    files: tuple[DumpFile, ...]


def format_dump(dump: Dump) -> str:
    """Return the text that is signed of a day's files."""
    files = [f"{file.variant} {file.rows} {file.bytes} {file.sha256}" for file in dump.files]
    return "\n".join((HEAD, dump.origin, dump.day.isoformat(), f"{dump.start} {dump.end}", *files)) + "\n"


def parse_dump(text: str) -> Dump:
    """Return the files that a signed text is about. Raises NoteError for any other text."""
    lines = text.removesuffix("\n").split("\n")
    try:
        head, origin, day, span = lines[:_HEAD_LINES]
        start, end = map(int, span.split(" "))
        files = tuple(_parse_file(line) for line in lines[_HEAD_LINES:])
        dump = Dump(origin, date.fromisoformat(day), start, end, files)
    except ValueError as error:
        raise NoteError(f"this is no dump: {error}") from error
    if head != HEAD or format_dump(dump) != text:
        raise NoteError("this is no dump as it is written")
    return dump


def _parse_file(line: str) -> DumpFile:
    variant, rows, size, digest = line.split(" ")
    return DumpFile(msgspec.convert(variant, Variant), int(rows), int(size), digest)


def check_dump(note: bytes, keys: Sequence[VerifierKey]) -> Dump:
    """Return the files that a log vouches for by one of these keys. Raises NoteError."""
    signed = parse_note(note)
    verify_note(signed, keys)
    return parse_dump(signed.text)
