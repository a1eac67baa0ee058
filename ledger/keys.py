"""Keys of data subjects, and the encryption of † fields before anything queues.

A field becomes `enc:v1:<key id>:<base64>`: AES-SIV (RFC 5297) under the data key of (log, subject), with log, event id
and JSON pointer as associated data. It is deterministic, so that a retry gives the same bytes. Data keys are kept
wrapped by a master key that is never in the database. Destroying a data key erases every copy of what it encrypted.
"""

import base64
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Struct

from ledger.database import Pool
from ledger.domain.payload import Payload
from ledger.errors import Fault, Refused, SettingError
from ledger.intake import LogInfo
from ledger.shape import Member, marked_members, values_at
from ledger.store import statements

KEY_BYTES = 64
"""AES-256-SIV takes two keys of 256 bits."""
KEYS_CACHED = 10_000
PREFIX = "enc:v1:"
KEY_ID_BYTES = 9


class SubjectKey(Struct, frozen=True):
    """A data subject's key in one log, unwrapped."""

    key_id: str
    cipher: AESSIV


def read_master_key(path: Path) -> bytes:
    """Return the master key (64 bytes) kept in a file of mode 0600, making file and key where there is none.

    Raises SettingError when the file is no key, or others may read it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingError(f"the master key {path} cannot be made: {error.strerror}") from error
    else:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    try:
        if path.stat().st_mode & 0o077:
            raise SettingError(f"the master key {path} is open to others: chmod 600 it, and consider it known")
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise SettingError(f"the master key {path} cannot be read: {error}") from error
    if len(key) != KEY_BYTES:
        raise SettingError(f"the master key {path} has {len(key)} bytes, not {KEY_BYTES}")
    return key


def personal_members(payload: type[Payload]) -> tuple[Member, ...]:
    """Return the † fields of a payload."""
    return tuple(member for member in marked_members(payload) if member.mark == "personal")


def subject_field(payload: type[Payload]) -> str:
    """Return the member that names whose data the † fields are."""
    names = payload.__struct_fields__
    return "claimant_subject_id" if "claimant_subject_id" in names else "subject_id"


class KeyRing:
    """The data keys of one ledger. Owns the cache of unwrapped keys."""

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        """Take the keepers' pool and the master key (64 bytes)."""
        self._pool = pool
        self._master = AESSIV(master_key)
        self._cache: OrderedDict[tuple[int, str], SubjectKey] = OrderedDict()

    async def encrypt(
        self,
        log: LogInfo,
        event_id: str,
        shape: type[Payload],
        data: Any,  # noqa: ANN401 - JSON
        pointer: str,
        *,
        exempt: frozenset[str] = frozenset(),
        keep: bool = True,
    ) -> bool:
        """Replace the † values of decoded `data` by ciphertext, in place. Tells whether there were any.

        Members that are `exempt` stay in clear (`Payload.personal_exempt`). With `keep` a data subject who has no key
        yet is given one; without, nothing is stored: one is made up.

        Raises:
            Refused: † values without a data subject, or of one whose key is destroyed.
        """
        found = [
            (where, container, key, text)
            for member in personal_members(shape)
            if member.path[0] not in exempt
            for where, container, key, text in values_at(data, member.path, "/data")
        ]
        if not found:
            return False
        field = subject_field(shape)
        subject = data.get(field)
        if not isinstance(subject, str):
            faults = [
                Fault("pii-without-subject", where.replace("/data", pointer, 1), f"{field} is needed beside it")
                for where, *_ in found
            ]
            raise Refused(tuple(faults))
        subject_key = await self._key(log, subject, keep=keep)
        for where, container, key, text in found:
            associated = [log.slug.encode(), event_id.encode(), where.encode()]
            sealed = subject_key.cipher.encrypt(text.encode(), associated)
            container[key] = f"{PREFIX}{subject_key.key_id}:{base64.b64encode(sealed).decode()}"
        return True

    async def decrypt(self, log: LogInfo, subject: str, event_id: str, pointer: str, text: str) -> str:
        """Return the clear text of one † value. Raises Refused when its key is destroyed or it was tampered with."""
        subject_key = await self._key(log, subject)
        associated = [log.slug.encode(), event_id.encode(), pointer.encode()]
        try:
            sealed = base64.b64decode(text.rpartition(":")[2], validate=True)
            return subject_key.cipher.decrypt(sealed, associated).decode()
        except (ValueError, InvalidTag) as error:
            raise Refused((Fault("invalid-event", pointer, "the ciphertext is not of this place"),)) from error

    async def _key(self, log: LogInfo, subject: str, *, keep: bool = True) -> SubjectKey:
        place = (log.log_id, subject)
        if place in self._cache:
            return self._cache[place]
        rows = await self._rows(log, [subject])
        if not rows and not keep:
            return SubjectKey(token_urlsafe(KEY_ID_BYTES), AESSIV(token_bytes(KEY_BYTES)))
        key = self._cache[place] = self._unwrap(log, subject, (rows or await self._make(log, subject))[0])
        if len(self._cache) > KEYS_CACHED:
            self._cache.popitem(last=False)
        return key

    async def _make(self, log: LogInfo, subject: str) -> list[asyncpg.Record]:
        """Make a subject's key, and return the one it has then: another process may have been first."""
        key_id, key = token_urlsafe(KEY_ID_BYTES), token_bytes(KEY_BYTES)
        wrapped = self._master.encrypt(key, [log.slug.encode(), subject.encode(), key_id.encode()])
        await self._pool.execute(statements("add_key"), log.log_id, subject, key_id, wrapped)
        return await self._rows(log, [subject])

    def _unwrap(self, log: LogInfo, subject: str, row: asyncpg.Record) -> SubjectKey:
        if row["wrapped"] is None:
            raise Refused((Fault("subject-erased", "/data", "the data subject's key was destroyed"),))
        try:
            associated = [log.slug.encode(), subject.encode(), row["key_id"].encode()]
            key = self._master.decrypt(row["wrapped"], associated)
        except InvalidTag as error:
            raise SettingError("the master key is not the one that this ledger's keys were wrapped with") from error
        return SubjectKey(row["key_id"], AESSIV(key))

    async def _rows(self, log: LogInfo, subjects: Sequence[str]) -> list[asyncpg.Record]:
        return await self._pool.fetch(statements("find_keys"), log.log_id, list(subjects))


async def read_destroyed_keys(pool: Pool, log: LogInfo) -> frozenset[bytes]:
    """Return the ids of a log's destroyed keys: what they encrypted reads `[ERASED]`."""
    rows = await pool.fetch(statements("read_destroyed_keys"), log.log_id)
    return frozenset(row["key_id"].encode() for row in rows)
