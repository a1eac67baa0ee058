"""Statements on their way into a log: each with its restrictions, all of a request in one commit or none."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from api.dsa.mapping import events_of
from api.dsa.submission import Errors, Submission
from api.problems import Forbidden
from api.service import Service
from ledger.domain.statement import StatementSubmitted
from ledger.errors import Fault, Refused
from ledger.intake import Author, EventData, LogInfo
from ledger.judging import Receipt
from ledger.rights import may_append

SUBMISSION_POINTERS = frozenset({("id-reused", "/id"), ("invalid-event", "/data/puid")})
"""What the ledger says of a statement that is there: its id, or its stream, is taken."""
PUID = "puid"


class Taken(Exception):
    """Statements of these identifiers are there already."""

    def __init__(self, puids: Sequence[str]) -> None:
        """Take the identifiers."""
        super().__init__(", ".join(puids))
        self.puids = puids


class Unfit(Exception):
    """The ledger refuses what the database would take: a text with U+0000, say. By the index of the statement."""

    def __init__(self, errors: Mapping[int, Errors]) -> None:
        """Take what is wrong."""
        super().__init__(f"{len(errors)} statements")
        self.errors = errors


def must_submit(author: Author) -> None:
    """Raise Forbidden unless the author's role may submit statements, whatever else is wrong with what was sent."""
    if author.bound and not may_append(author.authrole, StatementSubmitted.event_type):
        raise Forbidden(f"{author.authrole} may not submit statements of reasons")


async def submit(
    service: Service, log: LogInfo, author: Author, submissions: Sequence[Submission], now: datetime
) -> Sequence[Receipt]:
    """Append statements submitted `now` and what they impose; return the receipt of each statement itself.

    Raises Taken or Unfit: nothing was stored. And what the ledger raises when it is busy.
    """
    events: list[EventData] = []
    owners: list[int] = []
    for index, submission in enumerate(submissions):
        of_one = list(events_of(submission, log, now))
        events += of_one
        owners += [index] * len(of_one)
    try:
        receipts = await service.appender.append(log, author, events, refuse_repeats=True)
    except Refused as refused:
        raise _explained(refused.faults, owners, submissions) from refused
    return [receipts[owners.index(index)] for index in range(len(submissions))]


def _explained(faults: Sequence[Fault], owners: Sequence[int], submissions: Sequence[Submission]) -> Taken | Unfit:
    """Return what the ledger's faults are in the words of the database."""
    taken = {owners[fault.index] for fault in faults if (fault.code, fault.pointer) in SUBMISSION_POINTERS}
    if taken:
        return Taken([submissions[index].statement.puid for index in sorted(taken)])
    errors: dict[int, Errors] = {}
    for fault in faults:
        _, _, member = fault.pointer.partition("/data/")
        field = member.partition("/")[0] or PUID
        errors.setdefault(owners[fault.index], {}).setdefault(field, []).append(fault.detail)
    return Unfit(errors)
