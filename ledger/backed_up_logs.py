"""The logs of a backup: read before it is made, and compared with what was restored from it.

What is committed when a backup begins is in it, and more may be: so a restored log has this size at least, and at this
size this root. The checkpoint that was newest then must be the log's own, and of that same history.
"""

from ledger.backup_manifest import BackupManifest, LogAt
from ledger.checkpoints import newest_checkpoints, open_own, root_at
from ledger.database import Database
from ledger.store import LogHead, Reader, read_heads
from ledger.tlog.note import NoteError
from ledger.tlog.proof import ProofError
from ledger.verify import Finding


async def read_logs(reader: Reader) -> tuple[LogAt, ...]:
    """Return every log as it is now, with the newest checkpoint of it, in order of slug.

    Checkpoints are read first: none is of more than the log has.
    """
    logs = [head.log for head in await read_heads(reader)]
    notes = await newest_checkpoints(reader, logs, withheld=True)
    return tuple(
        LogAt(
            slug=head.log.slug,
            origin=head.log.origin,
            size=head.size,
            root=head.root.hex(),
            checkpoint=note.decode() if (note := notes.get(head.log.log_id)) is not None else None,
        )
        for head in await read_heads(reader)
    )


async def compare_logs(database: Database, manifest: BackupManifest) -> list[Finding]:
    """Return where a restored database is not what the backup's manifest says of it."""
    ledger, reader = database.ledger, database.pool("reader")
    findings: list[Finding] = []
    if (ledger.ledger_id, ledger.name) != (manifest.ledger_id, manifest.name):
        detail = f"the database is {ledger.name} ({ledger.ledger_id}), the backup {manifest.name}"
        findings.append(Finding(log="", place="ledger", detail=detail))
    heads = {head.log.slug: head for head in await read_heads(reader)}
    for log in manifest.logs:
        head = heads.get(log.slug)
        wrong = "is not there" if head is None else await _compare(reader, log, head)
        if wrong is not None:
            findings.append(Finding(log=log.slug, place=f"size {log.size}", detail=wrong))
    return findings


async def _compare(reader: Reader, log: LogAt, head: LogHead) -> str | None:
    """Say where a log is not what the manifest says; None where it is."""
    if head.size < log.size:
        return f"was backed up, and the log has {head.size} entries"
    try:
        if (await root_at(reader, head.log.log_id, log.size)).hex() != log.root:
            return "has another root than was backed up"
        if log.checkpoint is not None:
            signed = await open_own(reader, head.log, log.checkpoint.encode())
            if signed.size > log.size or await root_at(reader, head.log.log_id, signed.size) != signed.root:
                return f"its newest checkpoint then, of {signed.size} entries, is not of this log"
    except (ProofError, NoteError) as error:
        return str(error)
    return None
