"""The judge of a race: what the database holds, what the writers were answered, and what a follower saw."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby, pairwise

from msgspec import Struct

from api.service import Service
from ledger.domain.instants import format_instant
from ledger.intake import LogInfo
from ledger.verify import LogVerifier
from projections.checking import check_views
from projections.views import VIEWS
from tests.races.writing import Answered

FAULTS_SHOWN = 20


class Stored(Struct, frozen=True):
    """A row of `event`, and the transaction that wrote it."""

    position: int
    version: int
    recordedtime: datetime
    id: str
    subject: str
    leaf_hash: bytes
    transaction: str


async def read_stored(service: Service, log: LogInfo) -> list[Stored]:
    statement = (
        "SELECT position, version, recordedtime, id, subject, leaf_hash, xmin::text AS transaction "
        "FROM event WHERE log_id = $1 ORDER BY position"
    )
    rows = await service.database.pool("reader").fetch(statement, log.log_id)
    return [Stored(*row.values()) for row in rows]


def judge(stored: Sequence[Stored], answered: Sequence[Answered], seen: Sequence[str]) -> list[str]:
    """Return everything that must not be; nothing when the race left the log as it must be."""
    faults = [
        f"position {row.position} where {place} must be" for place, row in enumerate(stored) if row.position != place
    ]
    versions: dict[str, int] = {}
    for row in stored:
        versions[row.subject] = versions.get(row.subject, 0) + 1
        if row.version != versions[row.subject]:
            faults.append(f"position {row.position} has version {row.version}, not {versions[row.subject]}")
    faults += judge_commits(stored)
    faults += judge_answers(stored, answered)
    if list(seen) != [f"{row.position} {row.leaf_hash.hex()}" for row in stored]:
        faults.append(f"the follower saw {len(seen)} entries of {len(stored)}, or others, or in another order")
    return faults[:FAULTS_SHOWN]


def judge_commits(stored: Sequence[Stored]) -> list[str]:
    """A commit stands in one piece, at one instant, later than the commit before."""
    commits = [list(rows) for _, rows in groupby(stored, key=lambda row: row.transaction)]
    instants = [{row.recordedtime for row in rows} for rows in commits]
    faults = [
        f"the commit at position {rows[0].position} has {len(own)} instants"
        for rows, own in zip(commits, instants, strict=True)
        if len(own) != 1
    ]
    if len({rows[0].transaction for rows in commits}) != len(commits):
        faults.append("a commit stands in several pieces")
    for before, rows in pairwise(commits):
        if rows[0].recordedtime <= before[-1].recordedtime:
            faults.append(f"the commit at position {rows[0].position} is not later than the one before")
    return faults


def judge_answers(stored: Sequence[Stored], answered: Sequence[Answered]) -> list[str]:
    """Every answered event stands as its receipt says, its request in one piece, and nothing else stands."""
    faults: list[str] = []
    answers = 0
    for request in answered:
        receipts = request.receipts
        answers += len(receipts)
        first = receipts[0].position
        if [receipt.position for receipt in receipts] != list(range(first, first + len(receipts))):
            faults.append(f"a request of {request.writer} at position {first} is not in one piece")
        for receipt in receipts:
            row = stored[receipt.position] if receipt.position < len(stored) else None
            said = (receipt.id, receipt.version, receipt.recordedtime, receipt.leaf_hash)
            there = row and (row.id, row.version, format_instant(row.recordedtime), row.leaf_hash.hex())
            if said != there or receipt.duplicate:
                faults.append(f"position {receipt.position}: answered {said}, stored {there}")
    if answers != len(stored):
        faults.append(f"{answers} events were answered, and {len(stored)} are stored")
    return faults


async def findings(service: Service, log: LogInfo) -> list[str]:
    """Follow the log to its end, then return what verification finds of it and of its views."""
    await service.runner.catch_up()
    pool = service.database.pool("reader")
    verified = await LogVerifier(pool, log).verify()
    found = [*verified.findings, *await check_views(pool, log, VIEWS)]
    return [f"{finding.place}: {finding.detail}" for finding in found]
