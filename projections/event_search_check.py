"""The search against the log: what it says of every event is worked out again and compared; and how it is mended."""

from collections.abc import Callable

from ledger.database import Database
from ledger.intake import LogInfo
from ledger.store import Reader
from ledger.verify import FINDINGS_MAX, Finding
from projections.event_search import PAGE_EVENTS, SEARCH, statements

Progress = Callable[[int], None]


async def check_search(reader: Reader, log: LogInfo, progress: Progress = lambda _: None) -> list[Finding]:
    """Return where the search is not what one log gives, as far as it has followed; beside a follower, too."""
    rows = await reader.fetch(statements("read_positions"), log.log_id, [SEARCH])
    followed: int = rows[0]["position"] if rows else 0
    stray = await reader.fetch(statements("read_stray_indexed"), log.log_id, SEARCH, FINDINGS_MAX)
    findings = [_finding(log, row["position"], "is in the search before its time") for row in stray]
    for start in range(0, followed, PAGE_EVENTS):
        if len(findings) >= FINDINGS_MAX:
            break
        end = min(followed, start + PAGE_EVENTS)
        found = await reader.fetch(statements("read_misindexed"), log.log_id, start, end, FINDINGS_MAX)
        findings += [_finding(log, row["position"], "is not found by what its entry says") for row in found]
        progress(end - start)
    for row in await reader.fetch(statements("read_miscounted"), log.log_id, SEARCH, FINDINGS_MAX):
        place = f"counts, {row['type']} of {row['month']:%Y-%m} by {row['clock']}"
        findings.append(Finding(log=log.slug, place=place, detail="is not how many entries there are"))
    return findings[:FINDINGS_MAX]


async def clear_search(database: Database) -> None:
    """Let the search begin anew in every log. Until it has followed again, events are found in the log itself."""
    async with database.owner() as connection, connection.transaction():
        await connection.execute(statements("delete_cursors"), SEARCH)  # first: a follower holds one, then the table
        await connection.execute(statements("empty_search"))


def _finding(log: LogInfo, position: int, detail: str) -> Finding:
    return Finding(log=log.slug, place=f"search, position {position}", detail=detail)
