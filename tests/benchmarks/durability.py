"""A benchmark of a database that may forget is no benchmark: what a run refuses to measure."""

from collections.abc import Mapping

from ledger.database import Pool

NEEDED = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings that must not be off (`off` is the only value of each that loses what was answered, or tears a page)."""


class NotDurable(Exception):
    """The database would not keep what it answers: turn these settings on."""


async def check_durability(pool: Pool) -> None:
    """Raise NotDurable when a connection of this pool does not write to disk what it answers."""
    async with pool.acquire() as connection:
        refuse_not_durable({name: str(await connection.fetchval(f"SHOW {name}")) for name in NEEDED})


def refuse_not_durable(settings: Mapping[str, str]) -> None:
    """Raise NotDurable when one of these settings, as SHOW gives them, is off."""
    off = [name for name in NEEDED if settings[name] == "off"]
    if off:
        raise NotDurable(f"refused: {' and '.join(off)} off: what would be measured is not durable")
