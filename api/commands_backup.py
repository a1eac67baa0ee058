"""The commands that back a ledger up and restore it."""

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from rich.progress import Progress

from api.commands import BAD, DONE, advance, database_of, progress_bar, say, settings_of, verify_log
from ledger.backed_up_logs import compare_logs
from ledger.backup import prune, take_backup
from ledger.backup_manifest import BackupManifest
from ledger.destroyed import DestroyedKeys, destroy_again
from ledger.errors import InputError, SettingError, Tampered
from ledger.intake import LogInfo
from ledger.log_keys import open_log_keys
from ledger.marks import check_marks, lost_logs, read_halts
from ledger.masters import open_masters
from ledger.restoring import Backup, Restored, open_backup, restored
from ledger.scrubbing import Scrubber
from ledger.settings import Settings
from ledger.signing import signers_of
from ledger.store import find_logs
from ledger.vault import open_vault
from ledger.vault_copy import read_all_but_marks, read_marks, write_copy
from ledger.verify import Finding, Verified
from ledger.whole_folder import whole_folder

_KEYS_ELSEWHERE = {
    "master_key": "JEJAK_MASTER_KEY",
    "master_key_file": "JEJAK_MASTER_KEY_FILE",
    "signing_key_file": "JEJAK_SIGNING_KEY_FILE",
}
"""Settings that put keys outside the keys folder, of which then no copy is made."""


def add_backup(command: argparse.ArgumentParser) -> None:
    """Add what `jejak backup` takes."""
    command.add_argument("folder", nargs="?", metavar="DIR", help="the new backup; no key is in it")
    command.add_argument("--keys", metavar="DIR", help="a copy of the keys folder, to be kept apart from backups")
    command.add_argument("--prune", action="store_true", help="then remove backups beside DIR that are past their time")
    command.set_defaults(run=backup)


def add_restore(command: argparse.ArgumentParser) -> None:
    """Add what `jejak restore` takes."""
    command.add_argument("backup", metavar="BACKUP", help="a folder that `jejak backup` made")
    command.add_argument("--keys", metavar="DIR", help="the copy of its keys, unless they are in the keys folder")
    command.set_defaults(run=restore)


async def backup(arguments: argparse.Namespace) -> int:
    """Copy the ledger's data, or its keys, or both to two places; it goes on meanwhile."""
    place, keys = (None if given is None else Path(given) for given in (arguments.folder, arguments.keys))
    settings = settings_of(arguments)
    _check_places(settings, place, keys, prunes=arguments.prune)
    manifest, removed = None, list[Path]()
    async with database_of(arguments) as database:
        vault = open_vault(database.settings, database.ledger.ledger_id)
        with ExitStack() as stack:
            copy = None if keys is None else stack.enter_context(whole_folder(keys))
            marks = read_marks(vault)
            if place is not None:
                await Scrubber(database, vault).catch_up()
                with progress_bar() as bar:
                    manifest = await take_backup(database, place, _copying(bar))
            if copy is not None:
                write_copy(copy.path / vault.folder.name, {**marks, **read_all_but_marks(vault)})
        if place is not None and arguments.prune:
            removed = prune(place, database.ledger.ledger_id, datetime.now(UTC))
    _tell_backup(arguments, settings, manifest, removed)
    return DONE


def _check_places(settings: Settings, place: Path | None, keys: Path | None, *, prunes: bool) -> None:
    """Raise InputError for places from which a backup could not be restored, or with it what it must not hold."""
    if place is None and (keys is None or prunes):
        raise InputError("name the folder of the new backup, or --keys to copy the keys alone")
    if place is not None and keys is not None and (_within(place, keys) or _within(keys, place)):
        raise InputError("--keys: whoever has a backup must not have the keys with it: name a folder apart from it")
    own = [settings.keys_folder(), *([settings.data] if settings.database_url is None else [])]
    for target in (place, keys):
        for folder in own:
            if target is not None and _within(target, folder):
                raise InputError(f"{target} is in the ledger's own {folder}: what is lost with it is no backup")


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _copying(bar: Progress) -> Callable[[int, int], None]:
    task = bar.add_task("kilobytes", total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _tell_backup(
    arguments: argparse.Namespace, settings: Settings, manifest: BackupManifest | None, removed: list[Path]
) -> None:
    elsewhere = [variable for field, variable in _KEYS_ELSEWHERE.items() if getattr(settings, field) is not None]
    lines: list[str] = []
    if manifest is not None:
        lines += [f"{log.slug}: {log.size} entries, root {log.root}" for log in manifest.logs]
        lines.append(f"{arguments.folder}: backed up, and no key is in it")
    if arguments.keys is not None:
        lines.append(f"{arguments.keys}: the keys; keep them apart from the backup")
        lines += [f"the keys of {variable} are not among them" for variable in elsewhere]
    lines += [f"{folder} was past its time, and is removed" for folder in removed]
    told = {
        "backup": arguments.folder,
        "keys": arguments.keys,
        "keys_elsewhere": elsewhere,
        "begun": None if manifest is None else manifest.begun,
        "logs": [] if manifest is None else manifest.logs,
        "removed": [str(folder) for folder in removed],
    }
    say(arguments, told, "\n".join(lines))


class Judged(Struct, frozen=True, kw_only=True):
    """What became of a restored ledger: its logs, keys destroyed again, and logs that have lost what was signed."""

    logs: list[Verified]
    destroyed_again: int
    halted: dict[str, str]
    lost: list[str]


async def restore(arguments: argparse.Namespace) -> int:
    """Put a backup into a new data folder, verify it, and destroy again what was destroyed since."""
    settings = settings_of(arguments)
    if settings.database_url is not None:
        raise SettingError("a backup is restored to a data folder: unset JEJAK_DATABASE_URL, and name it by --data")
    try:
        found = open_backup(Path(arguments.backup))
        keys = None if arguments.keys is None else Path(arguments.keys)
        with progress_bar() as bar:
            async with restored(found, settings, keys, advance(bar, "bytes", found.size)) as ledger:
                judged = await _judge(ledger, found, bar)
    except Tampered as error:
        print(f"jejak: {arguments.backup}: {error}; it is not restored, and {settings.data} not used", file=sys.stderr)
        return BAD
    _tell_restored(arguments, settings, found, judged)
    return DONE


async def _judge(ledger: Restored, found: Backup, bar: Progress) -> Judged:
    """Judge a restored ledger, with its keys and marks. Raises Tampered where it does not verify; findings are told."""
    database, vault = ledger.database, ledger.vault
    keeper, reader = database.pool("keeper"), database.pool("reader")
    again = await destroy_again(keeper, DestroyedKeys(vault))
    if again:
        await Scrubber(database, vault).scrub()
    await open_masters(database, vault)
    logs = await find_logs(reader)
    await _check_signers(ledger, logs)
    findings = await compare_logs(database, found.manifest)
    verified: list[Verified] = []
    for log in logs:  # without its mark: to be behind what was signed since is no fault of a backup's
        verified.append(await verify_log(reader, log, None, bar))
        findings += verified[-1].findings
    _refuse(findings)
    await check_marks(database, vault)
    halted = {halt.slug: halt.reason for halt in await read_halts(reader)}
    lost = await lost_logs(reader, vault)
    return Judged(logs=verified, destroyed_again=again, halted=halted, lost=lost)


async def _check_signers(ledger: Restored, logs: list[LogInfo]) -> None:
    """Return if the keys are there that logs sign by now. Raises VaultError or SettingError."""
    keys = open_log_keys(ledger.database.settings, ledger.vault)
    async with ledger.database.pool("signer").acquire() as connection:
        for log in logs:
            await signers_of(connection, keys, log)


def _refuse(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{finding.log}: {finding.place}: {finding.detail}", file=sys.stderr)
    if findings:
        raise Tampered("the restored ledger", f"does not verify ({len(findings)} findings)")


def _tell_restored(arguments: argparse.Namespace, settings: Settings, found: Backup, judged: Judged) -> None:
    lines = [f"{log.log}: {log.size} entries, root {log.root}" for log in judged.logs]
    lines.append(f"{settings.data}: restored as of {found.manifest.begun} or later, and verified")
    if judged.destroyed_again:
        lines.append(f"keys destroyed since, and now again: {judged.destroyed_again}")
    lines += [
        f"log {slug} IS READ-ONLY: {reason}; if the rest is lost for good, `jejak log reopen {slug}` accepts it"
        for slug, reason in judged.halted.items()
    ]
    lines += [f"LOG {slug} WAS SIGNED OF, AND IS NOT IN THIS BACKUP" for slug in judged.lost]
    told: Mapping[str, Any] = {
        "data": str(settings.data),
        "begun": found.manifest.begun,
        "logs": [{"log": log.log, "size": log.size, "root": log.root} for log in judged.logs],
        "destroyed_again": judged.destroyed_again,
        "halted": [{"log": slug, "reason": reason} for slug, reason in judged.halted.items()],
        "lost": judged.lost,
    }
    say(arguments, told, "\n".join(lines))
