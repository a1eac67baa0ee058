"""Meeting somebody who waits for a lock, so that a test goes on at that moment and at no other."""

import asyncio

from ledger.database import AnyConnection

WAIT_SECONDS = 30


async def blocked(connection: AnyConnection, application: str = "jejak owner") -> None:
    """Return when somebody waits for a lock on this database."""
    asks = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND application_name = $1"
    )
    async with asyncio.timeout(WAIT_SECONDS):
        while not await connection.fetchval(asks, application):
            await asyncio.sleep(0.01)
            await connection.execute("SELECT pg_stat_clear_snapshot()")
