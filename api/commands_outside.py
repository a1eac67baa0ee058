"""What commands do with a log that is seen from outside: verify it, replay it, and write it to a folder for others."""

import argparse
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

from api.commands import (
    BAD,
    DONE,
    advance,
    parameters_of,
    progress_bar,
    say,
    settings_of,
)
from api.commands_replay import print_replay
from api.service import open_service
from api.trusted import read_trusted
from ledger.database_source import DatabaseSource
from ledger.entry_order import EntryOrder
from ledger.errors import Closed, Gone, InputError, LogHalted, NotFound, Tampered
from ledger.export import export_log
from ledger.http_files import HttpFiles
from ledger.outside import OutsideLog, open_outside
from ledger.settings import read_settings
from ledger.tile_source import FileSource, FolderFiles, TileSource
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import NoteError, VerifierKey, parse_vkey
from ledger.tlog.policy import Policy
from ledger.verify import Finding
from ledger.witnessing import read_policy
from projections.outside import replay_outside

CLOSED = "closed"
VERIFIED = "verified"
Progress = Callable[[int], None]


async def verify(arguments: argparse.Namespace) -> int:
    """Verify a log from its public files and a public key, from a trusted checkpoint on where there is one."""
    if arguments.logs:
        raise InputError(f"--from names one log already: leave out {arguments.logs[0]}")
    policy = policy_of(arguments)
    keys = keys_of(arguments, policy)
    trusted = read_trusted(arguments.since)
    token = token_of(arguments)
    try:
        async with source_of(arguments.source, token) as source:
            log = await open_outside(source, keys)
            entries = await _verify_log(log, trusted, token)
            witnesses = None if policy is None else log.check_cosigned(policy)
    except Tampered as error:
        return _tell_tampered(arguments, error)
    if arguments.save is not None:
        _replace(Path(arguments.save), log.note)
    told = {
        "origin": log.checkpoint.origin,
        "size": log.size,
        "root": log.checkpoint.root.hex(),
        "since": None if trusted is None else trusted.size,
        "entries": entries,
        "witnesses": witnesses,
    }
    lines = [f"{told['origin']}: size {log.size}, root {told['root']}"]
    lines.append(f"verified: {', '.join(_verified(log, trusted, entries))}")
    lines += [f"cosigned by {', '.join(witnesses) or 'nobody, as the policy has it'}"] if witnesses is not None else []
    lines += ["the entries are closed to who has no token: none was read"] if entries == CLOSED else []
    say(arguments, {"verified": True, "logs": [told], "findings": []}, "\n".join(lines))
    return DONE


async def _verify_log(log: OutsideLog, trusted: Checkpoint | None, token: str | None) -> str:
    """Verify that a log grew from a trusted checkpoint, and what is newer; return what was read of its entries."""
    start = 0
    if trusted is not None:
        await log.check_grown_from(trusted)
        start = trusted.size
    with progress_bar() as bar:
        return await _verify_entries(log, start, advance(bar, "entries", log.size - start), token)


def _verified(log: OutsideLog, trusted: Checkpoint | None, entries: str) -> list[str]:
    """Return what was verified, for a person."""
    start = 0 if trusted is None else trusted.size
    growth = [] if trusted is None else [f"growth from size {start}"]
    read = [f"entries {start} to {log.size - 1}"] if entries == VERIFIED and log.size > start else []
    return ["signature", *growth, "tiles", *read]


async def _verify_entries(log: OutsideLog, start: int, progress: Progress, token: str | None) -> str:
    """Verify entries with their tiles, from a position on; tiles alone where entries are closed to everybody."""
    try:
        with EntryOrder(log.checkpoint.origin, start) as order:
            async with aclosing(log.entries(start, log.size)) as verified:
                async for entries in verified:
                    order.take(entries)
                    progress(len(entries))
    except Closed:
        if token:
            raise
    else:
        return VERIFIED
    async with aclosing(log.tiles(start)) as tiles:
        async for leaves in tiles:
            progress(leaves)
    return CLOSED


def _tell_tampered(arguments: argparse.Namespace, error: Tampered) -> int:
    finding = Finding(log=arguments.source, place=error.place, detail=error.detail)
    print(f"{finding.log}: {finding.place}: {finding.detail}", file=sys.stderr)
    say(arguments, {"verified": False, "logs": [], "findings": [finding]}, "NOT AS IT MUST BE")
    return BAD


async def replay(arguments: argparse.Namespace) -> int:
    """Fold a log that is verified from its public files: the same result and manifest as inside."""
    policy = policy_of(arguments)
    keys = keys_of(arguments, policy)
    async with source_of(arguments.source, token_of(arguments)) as source:
        try:
            log = await open_outside(source, keys)
            if policy is not None:
                log.check_cosigned(policy)
            said = (await source.description()).log_info()
            if arguments.log not in (None, [said.slug]):
                raise InputError(f"--log {arguments.log[0]}: this is log {said.slug}")
            replayed = await replay_outside(log, said, parameters_of(arguments), arguments.subject_prefix or "")
            with progress_bar() as bar:
                items = replayed.items(advance(bar, f"entries of {said.slug}", replayed.size))
                await print_replay(arguments, items, replayed.manifest)
        except Tampered as error:
            print(f"jejak: {arguments.source}: {error}", file=sys.stderr)
            return BAD
    return DONE


async def export(arguments: argparse.Namespace) -> int:
    """Write a log's public files to a folder, signed as it is now; `--from` reads them there."""
    folder = Path(arguments.folder)
    async with open_service(settings_of(arguments)) as service:
        log = await service.find_log(arguments.log)
        if service.signer is not None:
            with suppress(LogHalted):  # what it has signed before is evidence, and is written all the same
                await service.signer.sign(log)
        try:
            with progress_bar() as bar:
                source = DatabaseSource(service.database.pool("reader"), log)
                size = await export_log(source, folder, advance(bar, f"entries of {log.slug}"))
        except Gone as error:
            raise NotFound(str(error)) from error
    say(arguments, {"log": log.slug, "size": size, "folder": str(folder)}, f"{log.slug}: {size} entries in {folder}")
    return DONE


def policy_of(arguments: argparse.Namespace) -> Policy | None:
    """Return the policy that a command names. Raises SettingError for one that is none."""
    return None if arguments.policy is None else read_policy(Path(arguments.policy))


def keys_of(arguments: argparse.Namespace, policy: Policy | None) -> list[VerifierKey]:
    """Return the public keys that a command and its policy name. Raises InputError where there is none."""
    try:
        keys = [parse_vkey(text) for text in arguments.key or ()]
    except NoteError as error:
        raise InputError(f"--key: {error}") from error
    keys += [] if policy is None else [log.key for log in policy.logs]
    if not keys:
        raise InputError("--from needs --key: the log's public key, from somebody you trust; or a --policy with logs")
    return keys


def token_of(arguments: argparse.Namespace) -> str | None:
    """Return the token that a command shows to somebody else's ledger, if it has one. Raises InputError.

    It is never an argument itself: those stand in the system's list of processes, for everybody to read.
    """
    if arguments.token_file is None:
        return read_settings(os.environ).token
    try:
        return Path(arguments.token_file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the file that --token-file names cannot be read") from error  # its name may be a token


@asynccontextmanager
async def source_of(place: str, token: str | None) -> AsyncGenerator[TileSource]:
    """Yield where a log's public files are read: on a server, for a URL, or in a folder."""
    if place.startswith(("http://", "https://")):
        async with HttpFiles(place, token) as files:
            yield FileSource(files)
    else:
        yield FileSource(_folder_files(Path(place)))


def _folder_files(folder: Path) -> FolderFiles:
    if not folder.is_dir():
        raise InputError(f"--from {folder} is no folder, and no URL that begins with http:// or https://")
    return FolderFiles(folder)


def _replace(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
