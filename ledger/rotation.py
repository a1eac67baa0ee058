"""Another master key: every key is wrapped anew, page by page, while the service runs (domain.md 10).

| a crash after | master keys held | wrapping new keys | wrapped by the old one |
|---|---|---|---|
| the new one is written before the old | both | the old one | everything |
| the database has put it into use | both | the new one | what no page has reached |
| the last page | both | the new one | nothing |
| the database has forgotten the old one | both | the new one | nothing |
| the old one is written off | the new one | the new one | nothing |

At every point whoever reads the keys can open each: they are held before anything is wrapped by them, and until nothing
is. A rotation that broke off is gone on with, from its first page, by the next one.
"""

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from ledger.database import Pool
from ledger.errors import InputError
from ledger.identifiers import rewrap_identifiers
from ledger.intake import LogInfo
from ledger.keys import place_of
from ledger.masters import VARIABLE, MasterKey, Masters, Wrapped
from ledger.store import find_logs, statements

PAGE_KEYS = 1_000
"""Keys wrapped anew in one statement: their rows are locked for milliseconds, and erasures wait no longer."""


class Rotated(Struct, frozen=True, kw_only=True):
    """What a rotation did: the master key in use since, those that open nothing any more, and keys wrapped anew."""

    master_id: str
    retired: tuple[str, ...]
    keys: int


async def rotate_master(keeper: Pool, masters: Masters) -> Rotated:
    """Put a new master key into use, wrap every key by it, and write the old one off.

    A new one is made, unless a rotation that broke off has done so, or a variable holds it before the old one.

    Raises:
        InputError: the variable holds no new one.
        SettingError, VaultError: master keys cannot be read or written, or a key opens by none of them.
    """
    await masters.refresh()
    held = masters.store.read()
    if len(held) == 1:
        if not masters.store.writable:
            raise InputError(f"put the new master key into {VARIABLE}, before the old one, restart, and ask again")
        held = masters.store.add()
    newest, earlier = held[0], tuple(master.master_id for master in held[1:])
    async with keeper.acquire() as connection, connection.transaction():
        await connection.execute(statements("retire_masters"), newest.master_id)
        await connection.execute(statements("use_master"), newest.master_id)
    await masters.refresh()
    keys = await rewrap_identifiers(keeper, masters)
    keys += sum([await _rewrap_log(keeper, masters, newest, log) for log in await find_logs(keeper)])
    await keeper.execute(statements("forget_masters"), list(earlier))
    if masters.store.writable:
        masters.store.keep_only(newest)
    return Rotated(master_id=newest.master_id, retired=earlier, keys=keys)


async def _rewrap_log(keeper: Pool, masters: Masters, newest: MasterKey, log: LogInfo) -> int:
    """Wrap every key of a log by the newest master key; return how many were wrapped by another one."""
    count, last = 0, ""
    while rows := await keeper.fetch(statements("read_wrapped_keys"), log.log_id, last, newest.master_id, PAGE_KEYS):
        await keeper.execute(statements("rewrap_keys"), *await _page(masters, log, rows))
        count, last = count + len(rows), rows[-1]["subject"]
    return count


async def _page(
    masters: Masters, log: LogInfo, rows: Sequence[asyncpg.Record]
) -> tuple[int, list[str], list[bytes], list[bytes], str]:
    """Return the arguments of `rewrap_keys` for a page of wrapped keys."""
    now: list[bytes] = []
    for row in rows:
        place = place_of(log, row["subject"], row["key_id"])
        key = await masters.open(Wrapped(row["wrapped"], row["wrapped_by"]), place)
        now.append((await masters.wrap(key, place)).content)
    subjects, before = [row["subject"] for row in rows], [row["wrapped"] for row in rows]
    return log.log_id, subjects, before, now, masters.in_use
