"""A checkpoint that somebody kept and trusts: read from its file, and held against the log in the database."""

from collections.abc import Sequence
from pathlib import Path

from ledger.checkpoints import root_at
from ledger.errors import InputError
from ledger.intake import LogInfo
from ledger.store import Reader
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.note import NoteError, parse_note
from ledger.tlog.proof import ProofError
from ledger.verify import Finding

PLACE = "trusted checkpoint"


def read_trusted(name: str | None) -> Checkpoint | None:
    """Return the checkpoint of a file, which is believed as it is: it is its reader's own. Raises InputError."""
    if name is None:
        return None
    try:
        return parse_checkpoint(parse_note(Path(name).read_bytes()).text)
    except (OSError, NoteError) as error:
        raise InputError(f"--since {name} holds no checkpoint: {error}") from error


async def check_trusted(reader: Reader, logs: Sequence[LogInfo], trusted: Checkpoint) -> list[Finding]:
    """Return what is wrong where the log of a trusted checkpoint is not what it was then; its tiles must be verified.

    Raises InputError where none of the logs has its origin: it is of another ledger, or of before a log was reopened.
    """
    log = next((log for log in logs if log.origin == trusted.origin), None)
    if log is None:
        raise InputError(f"the trusted checkpoint is of {trusted.origin}, which is none of the logs to verify")
    try:
        if await root_at(reader, log.log_id, trusted.size) == trusted.root:
            return []
    except ProofError as error:
        return [Finding(log=log.slug, place=PLACE, detail=f"of {trusted.size} entries: {error}")]
    detail = f"the first {trusted.size} entries have another root than they had: the log was changed"
    return [Finding(log=log.slug, place=PLACE, detail=detail)]
