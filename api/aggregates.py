"""Counts of logs for roles that see public ones alone: of at least ten, and of nothing narrower than a list.

domain.md section 3 gives them "aggregates with k >= 10". What would tell ten apart is not taken in such a question: no
filter, no choice of what was known, no instant within a day, no second log to subtract. Of a RESTRICTED log there are
none.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Request

from api.auth import covers, credential_of
from api.queries import queried_logs
from api.reading import note_reading
from ledger.intake import LogInfo
from ledger.rights import COUNTED_CLASSES, COUNTED_MIN, READS_PUBLIC
from ledger.store import Reader, find_logs

PARAMETERS = frozenset({"log", "count", "as_of", "tz"})
"""What may be said beside the list's name; `as_of` as a date."""


async def listed_logs(
    request: Request[Any, Any, Any], reader: Reader, given: Mapping[str, Sequence[str]]
) -> tuple[list[LogInfo], bool]:
    """Return the logs that a list is asked of, and whether who asks does not see them, and may be told a count alone.

    Raises UnknownLog and Forbidden.
    """
    unseen = await _unseen_log(request, reader, given)
    return ([unseen], True) if unseen is not None else (await queried_logs(request, reader, given), False)


async def _unseen_log(
    request: Request[Any, Any, Any], reader: Reader, given: Mapping[str, Sequence[str]]
) -> LogInfo | None:
    """Return the log of which a count is asked by a role that does not see it; None for every other question."""
    credential = credential_of(request)
    if credential.role not in READS_PUBLIC or not _is_of_a_whole_list(given):
        return None
    (log,) = await find_logs(reader, given["log"])
    if log.data_class not in COUNTED_CLASSES or not covers(credential, log.slug):
        return None
    note_reading([log])
    return log


def _is_of_a_whole_list(given: Mapping[str, Sequence[str]]) -> bool:
    once = all(len(values) == 1 for values in given.values())
    if not once or not {"log", "count"} <= given.keys() <= PARAMETERS or given["count"] != ["true"]:
        return False
    return "as_of" not in given or _is_date(given["as_of"][0])


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def shown_count(count: int, *, unseen: bool) -> int | None:
    """Return a count as it is shown; None for fewer than COUNTED_MIN of what who asks does not see."""
    return None if unseen and count < COUNTED_MIN else count
