"""Keys of data subjects, and the encryption of † fields before anything queues.

A field becomes `enc:v1:<key id>:<base64>`: AES-SIV (RFC 5297) under the data key of (log, subject), with log, event id
and JSON pointer as associated data. It is deterministic, so that a retry gives the same bytes. Data keys are kept
wrapped by a master key that is never in the database. Destroying a data key erases every copy of what it encrypted.

No process keeps an unwrapped key longer than one request lasts: once a key is destroyed, nobody has it.
"""

import base64
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any, TypeAlias

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Struct

from ledger.database import Pool
from ledger.domain.payload import Payload
from ledger.errors import Fault, NotFound, Refused, SettingError, SubjectErased
from ledger.intake import LogInfo
from ledger.shape import Member, marked_members, values_at
from ledger.store import statements

KEY_BYTES = 64
"""AES-256-SIV takes two keys of 256 bits."""
PREFIX = "enc:v1:"
KEY_ID_BYTES = 9


class SubjectKey(Struct, frozen=True):
    """A data subject's key in one log, unwrapped."""

    key_id: str
    cipher: AESSIV


HeldKeys: TypeAlias = dict[str, SubjectKey]
"""The unwrapped keys of the data subjects of one request to one log."""


class KeyRecord(Struct, frozen=True):
    """What is open of a data subject's key in a log: its id, and when it was destroyed."""

    log_id: int
    key_id: str
    destroyed: datetime | None


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


def _personal_values(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    exempt: frozenset[str],
) -> Iterator[tuple[str, Any, Any, Any]]:
    """Yield (pointer, container, key, value) of the † values of decoded data that are not exempt."""
    for member in personal_members(shape):
        if member.path[0] not in exempt:
            yield from values_at(data, member.path, "/data")


def take_erased(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    recorded: Any,  # noqa: ANN401 - JSON
    key_id: str,
    exempt: frozenset[str],
) -> None:
    """Replace the † values of decoded `data`, in place, by what was recorded of them under a key since destroyed.

    So an event that is sent again equals the recorded one: erased values are not compared (contract section 1). A value
    where none was recorded becomes what no ciphertext is, and the two differ.
    """
    prefix = f"{PREFIX}{key_id}:"
    there = {where: text for where, _, _, text in _personal_values(shape, recorded, exempt)}
    for where, container, key, _ in _personal_values(shape, data, exempt):
        text = there.get(where)
        container[key] = text if isinstance(text, str) and text.startswith(prefix) else prefix


class KeyRing:
    """The data keys of one ledger."""

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        """Take the keepers' pool and the master key (64 bytes)."""
        self._pool = pool
        self._master = AESSIV(master_key)

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
        held: HeldKeys | None = None,
    ) -> bool:
        """Replace the † values of decoded `data` by ciphertext, in place. Tells whether there were any.

        Members that are `exempt` stay in clear (`Payload.personal_exempt`). With `keep` a data subject who has no key
        yet is given one; without, nothing is stored: one is made up. Keys that were looked up are put into `held`, and
        are not looked up again as long as the caller holds them.

        Raises:
            Refused: † values without a data subject.
            SubjectErased: the data subject's key is destroyed.
        """
        found = list(_personal_values(shape, data, exempt))
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
        held = {} if held is None else held
        if subject not in held:
            held[subject] = await self._key(log, subject, keep=keep)
        subject_key = held[subject]
        for where, container, key, text in found:
            associated = [log.slug.encode(), event_id.encode(), where.encode()]
            sealed = subject_key.cipher.encrypt(text.encode(), associated)
            container[key] = f"{PREFIX}{subject_key.key_id}:{base64.b64encode(sealed).decode()}"
        return True

    async def decrypt(self, log: LogInfo, subject: str, event_id: str, pointer: str, text: str) -> str:
        """Return the clear text of one † value. Raises Refused when its key is destroyed or it was tampered with."""
        subject_key = await self._key(log, subject, keep=False)
        associated = [log.slug.encode(), event_id.encode(), pointer.encode()]
        try:
            sealed = base64.b64decode(text.rpartition(":")[2], validate=True)
            return subject_key.cipher.decrypt(sealed, associated).decode()
        except (ValueError, InvalidTag) as error:
            raise Refused((Fault("invalid-event", pointer, "the ciphertext is not of this place"),)) from error

    async def _key(self, log: LogInfo, subject: str, *, keep: bool) -> SubjectKey:
        rows = await self._rows(log, [subject])
        if not rows and not keep:
            return SubjectKey(token_urlsafe(KEY_ID_BYTES), AESSIV(token_bytes(KEY_BYTES)))
        return self._unwrap(log, subject, (rows or await self._make(log, subject))[0])

    async def _make(self, log: LogInfo, subject: str) -> list[asyncpg.Record]:
        """Make a subject's key, and return the one it has then: another process may have been first."""
        key_id, key = token_urlsafe(KEY_ID_BYTES), token_bytes(KEY_BYTES)
        wrapped = self._master.encrypt(key, [log.slug.encode(), subject.encode(), key_id.encode()])
        await self._pool.execute(statements("add_key"), log.log_id, subject, key_id, wrapped)
        return await self._rows(log, [subject])

    def _unwrap(self, log: LogInfo, subject: str, row: asyncpg.Record) -> SubjectKey:
        if row["wrapped"] is None:
            raise SubjectErased(row["key_id"])
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


async def find_keys(pool: Pool, logs: Sequence[LogInfo], subject: str) -> list[KeyRecord]:
    """Return what is open of a data subject's keys in these logs; nothing of a log without a key."""
    rows = await pool.fetch(statements("find_subject_keys"), [log.log_id for log in logs], subject)
    return [KeyRecord(row["log_id"], row["key_id"], row["destroyed"]) for row in rows]


async def destroy_key(pool: Pool, log: LogInfo, subject: str, at: datetime | None = None) -> datetime:
    """Destroy a data subject's key in a log, for ever, and return when it was destroyed: now, or long since.

    `at` is only ever given by a test clock. Durable when it returns. Raises NotFound where there is no key.
    """
    destroyed: datetime | None = await pool.fetchval(statements("destroy_key"), log.log_id, subject, at)
    if destroyed is None:
        raise NotFound(f"log {log.slug} holds no key of {subject}")
    return destroyed
