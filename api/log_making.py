"""Making a log: its row, its origin and its first key."""

from ledger.database import Database
from ledger.intake import LogInfo
from ledger.signer import Signer
from ledger.store import create_log


async def make_log(
    database: Database,
    signer: Signer | None,
    slug: str,
    kind: str,
    timezone: str,
    jurisdiction: str | None,
    data_class: str,
) -> LogInfo:
    """Create a log; its origin is `<ledger name>/<slug>`, and its first key is made. Raises LogExists."""
    origin = f"{database.name}/{slug}"
    log = await create_log(database.pool("keeper"), slug, kind, timezone, jurisdiction, data_class, origin)
    if signer is not None:
        await signer.prepare(log)
    return log
