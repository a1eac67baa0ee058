"""`jejak import`: files of any export into a log, by a mapping."""

import argparse
import sys

from api.commands import DONE, advance, progress_bar, say, settings_of
from api.files import REFUSALS_TOLD
from api.importing.importer import Imported, import_files, load_mapping
from api.service import open_service

BAD_ROWS = 2
"""Exit code where rows were bad: the good ones are kept all the same."""


def add_import(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("log")
    command.add_argument("files", nargs="+", metavar="FILE", help="CSV or NDJSON, gzip too; - is standard input")
    command.add_argument("--mapping", required=True, metavar="MAP.toml", help="how its rows become events; or: udrp")
    command.add_argument("--dry-run", action="store_true", help="judge, and store nothing")
    command.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Import files, and say what was new, repeated and refused, and by which line."""
    mapping = load_mapping(arguments.mapping)
    async with open_service(settings_of(arguments)) as service:
        with progress_bar() as bar:
            progress = advance(bar, f"import {arguments.log}")
            result = await import_files(
                service, arguments.log, arguments.files, mapping, dry_run=arguments.dry_run, progress=progress
            )
    show_refusals(result)
    refused = f", {result.refused} refused" if result.refused else ""
    tried = " (nothing was stored)" if arguments.dry_run else ""
    counted = f"{result.rows} rows: {result.new} new, {result.repeated} repeated{refused}"
    say(arguments, result, f"{arguments.log}: {counted}; size {result.size}{tried}")
    return BAD_ROWS if result.refused else DONE


def show_refusals(result: Imported) -> None:
    """List what was refused on standard error, by line, and say where the list ends before its time."""
    for refusal in result.refusals:
        place = f"{refusal.file} line {refusal.line}" if refusal.file else f"line {refusal.line}"
        print(f"{place}: {refusal.detail} ({refusal.code})", file=sys.stderr)
    if result.refused > REFUSALS_TOLD:
        print(f"only the first {REFUSALS_TOLD} of {result.refused} are listed", file=sys.stderr)
