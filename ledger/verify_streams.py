"""The streams of a log, verified: the versions of each are 1, 2, 3 ... in the order of the log."""

from ledger.intake import LogInfo
from ledger.store import Reader, statements

STREAMS_PAGE = 10_000
"""Events judged in one statement. The database does it, and only those that are out of place leave it."""


async def find_misplaced(connection: Reader, log: LogInfo, size: int, most: int) -> list[tuple[int, int]]:
    """Return (position, version before it) of the log's events below a size that do not follow in their stream.

    It ends with the page in which `most` are found.
    """
    found: list[tuple[int, int]] = []
    begin, end = None, ("", 0, -1)
    while end != begin and len(found) < most:
        begin = end
        rows = await connection.fetch(statements("read_misplaced"), log.log_id, *begin[:2], size, STREAMS_PAGE)
        for subject, version, position, before, behind in rows:
            end = subject, version, position
            if end != begin and (version != before + 1 or position < behind):
                found.append((position, before))
    return found
