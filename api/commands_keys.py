"""The commands about a ledger's keys."""

import argparse

from api.commands import DONE, database_of, say
from ledger.masters import open_masters
from ledger.rotation import rotate_master
from ledger.scrubbing import Scrubber
from ledger.vault import open_vault


async def rotate(arguments: argparse.Namespace) -> int:
    """Put a new master key into use and wrap every key by it; services that run go on meanwhile."""
    async with database_of(arguments) as database:
        vault = open_vault(database.settings, database.ledger.ledger_id)
        masters = await open_masters(database, vault)
        done = await rotate_master(database.pool("keeper"), masters)
        await Scrubber(database, vault).scrub()  # of what the old one opens, nothing is left either
        place = masters.store.place
    text = f"master key {done.master_id} is in use, {place}; keys wrapped anew: {done.keys}"
    if done.retired:
        text += f"; {', '.join(done.retired)} opens nothing any more"
    say(arguments, {"master_key": done.master_id, "retired": done.retired, "keys": done.keys}, text)
    return DONE
