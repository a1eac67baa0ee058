"""Rows of files: CSV or NDJSON, gzip too, `-` for standard input. Each comes with the line on which it begins."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec

from api.files import LINE_MAX_BYTES, open_file, unpacked
from api.importing.mapping import Mapping
from api.importing.references import Row, RowFault
from ledger.domain.json_values import is_object
from ledger.errors import InputError

UNREADABLE = "unreadable"
DAMAGED: tuple[type[Exception], ...] = (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError, csv.Error)
"""What a file raises that is cut short, or is not what the mapping says."""
NumberedRow: TypeAlias = tuple[int, Row | RowFault]


def read_rows(name: str, mapping: Mapping, columns: frozenset[str]) -> Iterator[NumberedRow]:
    """Yield (line, row), or what is wrong with that line; empty lines are passed over.

    Raises InputError: the file is not there, a CSV file lacks one of `columns` in its header (before the first row),
    or it cannot be read on; what was yielded before stands.
    """
    line = 1
    try:
        with open_file(name) as packed, unpacked(packed) as file:
            for line, row in _ndjson(file) if mapping.format == "ndjson" else _csv(file, name, mapping, columns):
                yield line, row
    except DAMAGED as error:
        raise InputError(f"{name} cannot be read on after line {line}: {error}") from error


def check_encoding(name: str) -> None:
    """Raise InputError unless Python knows the encoding."""
    try:
        codecs.lookup(name)
    except LookupError as error:
        raise InputError(f"/encoding: there is no encoding {name!r}; UTF-8 is the default") from error


def _ndjson(file: io.BufferedIOBase) -> Iterator[NumberedRow]:
    decode = msgspec.json.Decoder().decode
    for number, line in _lines(file):
        if isinstance(line, RowFault):
            yield number, line
            continue
        if not line.strip():
            continue
        try:
            row: Any = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield number, RowFault(UNREADABLE, f"is no JSON: {error}")
        else:
            yield number, row if is_object(row) else RowFault(UNREADABLE, "is no JSON object")


def _lines(file: io.BufferedIOBase) -> Iterator[tuple[int, bytes | RowFault]]:
    """Yield the lines of a file; of one that is too long only that it is so, and nothing of it is kept."""
    number = 0
    while line := file.readline(LINE_MAX_BYTES):
        number += 1
        if len(line) < LINE_MAX_BYTES or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(LINE_MAX_BYTES)
        yield number, RowFault(UNREADABLE, f"is longer than {LINE_MAX_BYTES} bytes")


def _csv(file: io.BufferedIOBase, name: str, mapping: Mapping, columns: frozenset[str]) -> Iterator[NumberedRow]:
    """Yield the rows of CSV (RFC 4180). A row may go over several lines: it is told by its first."""
    with io.TextIOWrapper(file, encoding=mapping.encoding, newline="") as text:  # type: ignore[type-var]
        reader = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        first = next(reader, list[str]())
        header = [cell.strip() for cell in first]
        missing = sorted(columns - {*header})
        if missing:
            raise InputError(f"{name} has no column {', '.join(missing)}: its header has {', '.join(header)}")
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
            elif any(cell.strip() for cell in cells):
                detail = f"has {len(cells)} cells, and the header {len(header)}: is the delimiter right?"
                yield line, RowFault("wrong-cells", detail)
            line = reader.line_num + 1
