"""Commands about what logs sign by: reopen one that is halted, rotate a key."""

import argparse

import msgspec

from api.commands import DONE, database_of, say
from ledger.log_keys import open_log_keys
from ledger.reopening import reopen as reopen_log
from ledger.signing_rotation import ROTATION_OVERLAP, rotate_key
from ledger.store import find_logs
from ledger.vault import open_vault


async def reopen(arguments: argparse.Namespace) -> int:
    """Accept what a halted log has lost, and let it go on under a new origin."""
    async with database_of(arguments) as database:
        vault = open_vault(database.settings, database.ledger.ledger_id)
        keys = open_log_keys(database.settings, vault)
        (log,) = await find_logs(database.pool("reader"), [arguments.slug])
        reopened = await reopen_log(database, vault, keys, log, arguments.reason)
    lost = "" if reopened.signed_size is None else f", of {reopened.signed_size} that were signed"
    text = (
        f"log {arguments.slug} goes on as {reopened.origin}: {reopened.previous_size} entries of "
        f"{reopened.previous_origin} stand{lost}; its key is now {reopened.key}"
    )
    say(arguments, {"log": arguments.slug, **msgspec.to_builtins(reopened)}, text)
    return DONE


async def rotate(arguments: argparse.Namespace) -> int:
    """Let a new key sign of a log."""
    async with database_of(arguments) as database:
        vault = open_vault(database.settings, database.ledger.ledger_id)
        keys = open_log_keys(database.settings, vault)
        (log,) = await find_logs(database.pool("reader"), [arguments.slug])
        key = str(await rotate_key(database, vault, keys, log))
    days = ROTATION_OVERLAP.days
    say(arguments, {"log": arguments.slug, "key": key}, f"{key}\nThe keys before it sign for {days} days yet.")
    return DONE
