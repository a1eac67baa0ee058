"""Rotation of a log's signing key: the new key is itself an entry, and old and new sign beside each other for a while.

Who trusts the old key finds the entry under a checkpoint that it has signed, and so comes to trust the new one.

| a crash after | lost | kept |
|---|---|---|
| the key is made | nothing | the key, unused: the next rotation takes it |
| the entry is recorded | nothing | the entry: the next rotation takes the same key, and records nothing twice |
| the rows are committed | nothing | the rotation |
"""

from datetime import timedelta

from ledger.checkpoints import log_keys
from ledger.database import Database
from ledger.domain.signing_events import SigningKeyRotated
from ledger.errors import LogHalted
from ledger.intake import LogInfo
from ledger.log_events import record_once
from ledger.log_keys import LogKeys
from ledger.marks import halted, lock_log
from ledger.signing import add_key, signers_of
from ledger.store import statements
from ledger.tlog.note import VerifierKey
from ledger.vault import Vault

ROTATION_OVERLAP = timedelta(days=30)
"""How long the keys before sign on: who verifies less often than monthly must be told of the new key otherwise."""
_OVERLAP = f"P{ROTATION_OVERLAP.days}D"


async def rotate_key(database: Database, vault: Vault, keys: LogKeys, log: LogInfo) -> VerifierKey:
    """Let a new key sign of a log, beside those of now for ROTATION_OVERLAP and then alone; return it.

    Raises:
        LogHalted: the log contradicts what it has signed.
        VaultError, SettingError: a key cannot be read or made; nothing changed.
        Busy, OutcomeUnknown: as of an append; run it again.
    """
    async with database.pool("signer").acquire() as connection:
        async with connection.transaction():
            locked = await lock_log(connection, log.log_id)
            reason = await halted(connection, vault, locked)
            if reason is None:
                before = [signer.verifier for signer in await signers_of(connection, keys, locked)]
                known = await log_keys(connection, locked.log_id)
                key = keys.make(locked.slug, locked.origin, known).verifier
                payload = SigningKeyRotated(
                    origin=locked.origin, key=str(key), previous_keys=tuple(map(str, before)), overlap=_OVERLAP
                )
                await record_once(database, locked, f"signing-key:{key.key_id.hex()}:{len(known)}", payload)
                await add_key(connection, locked.log_id, key)
                await connection.execute(
                    statements("retire_log_keys"), locked.log_id, locked.origin, key.key_id, ROTATION_OVERLAP
                )
                return key
        raise LogHalted(log.slug, reason)
