"""How a checkpoint is signed, and kept with its signatures: what signing, reopening and rotating have in common.

All of it happens under the lock of the log's row (`ledger.marks.lock_log`), in one transaction.
"""

from collections.abc import Sequence

from ledger.checkpoints import log_keys
from ledger.database import AnyConnection
from ledger.intake import LogInfo
from ledger.log_keys import LogKeys
from ledger.store import statements
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.note import Note, NoteSigner, Signature, VerifierKey, format_note, parse_note, parse_vkey, verify_note


async def signers_of(connection: AnyConnection, keys: LogKeys, locked: LogInfo) -> list[NoteSigner]:
    """Return who signs of a locked log now, oldest key first; its first key is made where it has none.

    Raises VaultError or SettingError where a private key is missing: nothing is signed with some of them only.
    """
    rows = await connection.fetch(statements("read_signing_keys"), locked.log_id, locked.origin)
    if rows:
        return [keys.signer(locked.slug, parse_vkey(row["vkey"])) for row in rows]
    signer = keys.make(locked.slug, locked.origin, await log_keys(connection, locked.log_id))
    await add_key(connection, locked.log_id, signer.verifier)
    return [signer]


async def add_key(connection: AnyConnection, log_id: int, key: VerifierKey) -> None:
    """Keep a public key of a log: its name is the origin that it signs for."""
    await connection.execute(statements("add_log_key"), log_id, key.name, key.key_id, str(key))


def signed_note(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """Return a checkpoint signed by all of these, as a note that our own verifier accepts."""
    text = checkpoint.text
    note = Note(text, tuple(signer.sign(text) for signer in signers))
    verify_note(note, [signer.verifier for signer in signers])
    return format_note(note)


async def keep_note(connection: AnyConnection, log_id: int, data: bytes, *, withhold: bool = False) -> None:
    """Keep a signed checkpoint, and the signatures on it: from the commit on everybody sees it.

    With `withhold`, nobody does until enough witnesses have cosigned it (`ledger.cosigning`).
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    await connection.execute(statements("add_checkpoint"), log_id, checkpoint.origin, checkpoint.size, checkpoint.root)
    await keep_signatures(connection, log_id, checkpoint, note.signatures)
    if withhold:
        await connection.execute(statements("withhold_checkpoint"), log_id, checkpoint.origin, checkpoint.size)


async def keep_signatures(
    connection: AnyConnection, log_id: int, checkpoint: Checkpoint, signatures: Sequence[Signature]
) -> None:
    """Keep signatures on a checkpoint that is kept: the log's own, or those of witnesses that came later."""
    columns = [[getattr(signature, name) for signature in signatures] for name in ("name", "key_id", "value")]
    await connection.execute(statements("add_signatures"), log_id, checkpoint.origin, checkpoint.size, *columns)
