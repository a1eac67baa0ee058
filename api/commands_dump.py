"""`jejak dump`: publish a day's files of statements of reasons, and write them to a folder."""

import argparse
from datetime import date
from pathlib import Path

from api.commands import DONE, say, settings_of
from api.dsa.dumps import Published, publish, read_file
from api.files import LOCAL_AUTHOR
from api.service import Service, open_service
from ledger.errors import InputError
from ledger.intake import LogInfo


def add_dump(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("log")
    command.add_argument("--date", required=True, metavar="D", help="a day that is over, in UTC: 2025-07-01")
    command.add_argument("--out", metavar="DIR", help="write the files and the signed note to this folder")
    command.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Publish a day, once; say what was published, and write it where that is asked for."""
    try:
        day = date.fromisoformat(arguments.date)
    except ValueError as error:
        raise InputError(f"--date {arguments.date}: a day is written 2025-07-01") from error
    async with open_service(settings_of(arguments)) as service:
        log = await service.find_log(arguments.log)
        done = await publish(service.database, service.vault, service.appender, log, day, LOCAL_AUTHOR)
        if arguments.out is not None:
            await _write(service, log, done, _made(Path(arguments.out)))
    lines = [f"{file.sha256}.csv  {file.variant:<8} {file.rows:>9} rows" for file in done.dump.files]
    say(arguments, {"log": log.slug, **done.describe()}, "\n".join(lines))
    return DONE


def _made(folder: Path) -> Path:
    """Return a folder, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _write(service: Service, log: LogInfo, done: Published, folder: Path) -> None:
    """Write files by their names, each there whole or not at all, and the note beside them."""
    for file in done.dump.files:
        path = folder / f"{file.sha256}.csv"
        partial = path.with_name(path.name + ".partial")
        with partial.open("wb") as written:
            async for part in read_file(service.database.pool("reader"), log, done.dump, file):
                written.write(part)
        partial.replace(path)
    (folder / f"{done.dump.day}.note").write_bytes(done.note)
