"""How a replay is printed: its states as they come, one a line, and the manifest that reproduces them."""

import argparse
import csv
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from ledger.entry import encode_canonical
from ledger.errors import InputError
from projections.replay import Manifest


async def print_replay(arguments: argparse.Namespace, items: AsyncIterator[dict[str, Any]], manifest: Manifest) -> None:
    """Print states and manifest as a command's options say: to a file, as one JSON object, or line by line.

    Line by line the manifest goes to standard error. Raises InputError for a file of another kind than is written.
    """
    if arguments.out is not None:
        await _write_items(items, Path(arguments.out))
        print(msgspec.json.encode(manifest.describe()).decode())
    elif arguments.json:
        await print_object(items, manifest)
    else:
        async for item in items:
            print(encode_canonical(item).decode())
        print(msgspec.json.encode(manifest.describe()).decode(), file=sys.stderr)


async def print_object(items: AsyncIterator[dict[str, Any]], manifest: Manifest) -> None:
    """Print items as they come, and the manifest after them, as one JSON object."""
    sys.stdout.write('{"items":[')
    first = True
    async for item in items:
        sys.stdout.write(("" if first else ",") + encode_canonical(item).decode())
        first = False
    print(f'],"manifest":{msgspec.json.encode(manifest.describe()).decode()}}}')


async def _write_items(items: AsyncIterator[dict[str, Any]], path: Path) -> None:
    """Write states to a file, as its ending says; the file appears only when it is whole."""
    if path.suffix not in {".ndjson", ".csv"}:
        raise InputError(f"--out {path}: the file ends in .ndjson or .csv")
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if path.suffix == ".csv":
            writer.writerow(("log", "kind", "subject", "state"))
        async for item in items:
            if path.suffix == ".csv":
                writer.writerow((item["log"], item["kind"], item["subject"], encode_canonical(item["state"]).decode()))
            else:
                file.write(encode_canonical(item).decode() + "\n")
    partial.replace(path)
