"""Keys of data subjects, and the encryption of † fields before anything queues.

A field becomes `enc:v1:<key id>:<base64>`: AES-SIV (RFC 5297) under the data key of (log, subject), with log, event id
and JSON pointer as associated data. It is deterministic, so that a retry gives the same bytes. Data keys are kept
wrapped by a master key that is never in the database. Destroying a data key erases every copy of what it encrypted.

No process keeps an unwrapped key longer than one request lasts: once a key is destroyed, nobody has it.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from types import MappingProxyType
from typing import Any

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Struct

from ledger.database import Pool
from ledger.destroyed import DestroyedKeys
from ledger.domain.payload import Payload
from ledger.errors import Busy, Fault, NotFound, Refused, SubjectErased
from ledger.identifiers import PREFIX as TOKEN_PREFIX
from ledger.identifiers import IdentifierKey, find_identifier_key
from ledger.intake import LogInfo
from ledger.masters import KEY_BYTES, Masters, Wrapped
from ledger.personal import PREFIX, personal_values, subject_field
from ledger.store import statements

KEY_ID_BYTES = 9
"""A multiple of three: base64 has no padding then."""
MAKE_ATTEMPTS = 3
"""A master key goes out of use once in years, and two of them never within one request."""
NO_CLASSES: Mapping[str, str] = MappingProxyType({})


class SubjectKey(Struct, frozen=True):
    """A data subject's key in one log, unwrapped."""

    key_id: str
    cipher: AESSIV


class HeldKeys(Struct, frozen=True):
    """The unwrapped keys of one request to one log: of data subjects, of classes of identifiers; and destroyed ones."""

    subjects: dict[str, SubjectKey] = msgspec.field(default_factory=dict[str, SubjectKey])
    identifiers: dict[str, IdentifierKey] = msgspec.field(default_factory=dict[str, IdentifierKey])
    erased: dict[str, str] = msgspec.field(default_factory=dict[str, str])

    def __contains__(self, subject: str) -> bool:
        """Tell whether a data subject's key was looked for."""
        return subject in self.subjects or subject in self.erased


class Sealed(Struct, frozen=True):
    """A † value as it stands in a log: whose it is, where it stands, and its ciphertext."""

    subject: str
    event_id: str
    pointer: str
    text: str


class KeyRecord(Struct, frozen=True):
    """What is open of a data subject's key in a log: its id, and when it was destroyed."""

    log_id: int
    key_id: str
    destroyed: datetime | None


def place_of(log: LogInfo, subject: str, key_id: str) -> list[bytes]:
    """Return what a wrapped data key is bound to, so that it opens nowhere else."""
    return [log.slug.encode(), subject.encode(), key_id.encode()]


class KeyRing:
    """The data keys of one ledger."""

    def __init__(self, pool: Pool, masters: Masters, destroyed: DestroyedKeys) -> None:
        """Take the keepers' pool, the master keys, and the list of destroyed keys, which goes before the database."""
        self._pool = pool
        self._masters = masters
        self._destroyed = destroyed

    async def encrypt(
        self,
        log: LogInfo,
        event_id: str,
        shape: type[Payload],
        data: Any,  # noqa: ANN401 - JSON
        pointer: str,
        *,
        exempt: frozenset[str] = frozenset(),
        classes: Mapping[str, str] = NO_CLASSES,
        keep: bool = True,
        held: HeldKeys | None = None,
    ) -> bool:
        """Replace the † values of decoded `data` by ciphertext, in place. Tells whether there were any.

        Members that are `exempt` stay in clear (`Payload.personal_exempt`); of those that have a class only a token is
        encrypted (`Payload.identifier_classes`). With `keep` a data subject who has no key yet is given one; without,
        nothing is stored: one is made up. Keys that were looked up are put into `held`, and are not looked up again as
        long as the caller holds them.

        Raises:
            Refused: † values without a data subject.
            SubjectErased: the data subject's key is destroyed.
        """
        found = list(personal_values(shape, data, exempt))
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
        held = HeldKeys() if held is None else held
        if subject not in held:
            await self.hold(log, [subject], held, keep=keep)
        if subject in held.erased:
            raise SubjectErased(held.erased[subject])
        subject_key = held.subjects[subject]
        slug, event = log.slug.encode(), event_id.encode()
        for where, container, key, text in found:
            if key in classes and container is data:
                text = (await self._identifier_key(classes[key], held)).token(text)  # noqa: PLW2901 - sealed instead
            sealed = subject_key.cipher.encrypt(text.encode(), [slug, event, where.encode()])
            container[key] = f"{PREFIX}{subject_key.key_id}:{base64.b64encode(sealed).decode()}"
        return True

    async def hold(self, log: LogInfo, subjects: Iterable[str], held: HeldKeys, *, keep: bool = True) -> None:
        """Look for the keys of many data subjects at once, and put them into `held`. With `keep`, make those missing.

        Raises SettingError when no master key opens one, and Busy while that is being changed.
        """
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in held]
        if not wanted:
            return
        rows = await self._rows(log, wanted)
        if len(rows) < len(wanted):
            missing = sorted(set(wanted) - {row["subject"] for row in rows})
            rows += await self._make(log, missing, held) if keep else []
            if not keep:
                held.subjects.update(_unwrapped(_new_keys(missing)))
        destroyed = self._destroyed.among(row["key_id"] for row in rows)
        for subject, key_id, wrapped, master_id in rows:
            if wrapped is None or key_id in destroyed:
                held.erased[subject] = key_id
                continue
            key = await self._masters.open(Wrapped(wrapped, master_id), place_of(log, subject, key_id))
            held.subjects[subject] = SubjectKey(key_id, AESSIV(key))

    async def decrypt(self, log: LogInfo, subject: str, event_id: str, pointer: str, text: str) -> str:
        """Return the clear text of one † value.

        Raises SubjectErased when its key is destroyed, and Refused when it was tampered with.
        """
        held = HeldKeys()
        await self.hold(log, [subject], held, keep=False)
        if subject in held.erased:
            raise SubjectErased(held.erased[subject])
        clear = _opened(log, Sealed(subject, event_id, pointer, text), held)
        if clear is None:
            raise Refused((Fault("invalid-event", pointer, "the ciphertext is not of this place"),))
        return clear

    async def match(self, log: LogInfo, sealed: Sequence[Sealed]) -> list[str | None]:
        """Return the tokens behind encrypted identifiers of a log, in order, to be compared and never shown.

        None for one whose key is destroyed, or that is no token.
        """
        clear = await self._open_all(log, sealed)
        return [text if text is not None and text.startswith(TOKEN_PREFIX) else None for text in clear]

    async def reveal(self, log: LogInfo, sealed: Sequence[Sealed]) -> list[str | None]:
        """Return the clear texts of † values of a log, in order, to be shown to somebody who may unmask.

        None for one whose key is destroyed, and for an identifier: of that only a token is kept, which nobody is shown.
        """
        clear = await self._open_all(log, sealed)
        return [text if text is not None and not text.startswith(TOKEN_PREFIX) else None for text in clear]

    async def _open_all(self, log: LogInfo, sealed: Sequence[Sealed]) -> list[str | None]:
        held = HeldKeys()
        await self.hold(log, (one.subject for one in sealed), held, keep=False)
        return [_opened(log, one, held) for one in sealed]

    async def _make(self, log: LogInfo, subjects: Sequence[str], held: HeldKeys) -> list[asyncpg.Record]:
        """Make data subjects' keys and put them into `held`; return them all where another process made one first."""
        new = _new_keys(subjects)
        for _ in range(MAKE_ATTEMPTS):
            wrapped = [
                await self._masters.wrap(key, place_of(log, subject, key_id)) for subject, (key_id, key) in new.items()
            ]
            added = await self._pool.execute(
                statements("add_keys"),
                log.log_id,
                list(new),
                [key_id for key_id, _ in new.values()],
                [one.content for one in wrapped],
                wrapped[0].master_id,
            )
            if added == f"INSERT 0 {len(new)}":
                held.subjects.update(_unwrapped(new))
                return []
            rows = await self._rows(log, list(new))
            if len(rows) == len(new):
                return rows
            await self._masters.refresh()  # the master key has just gone out of use
        raise Busy("the master key is being changed")

    async def _identifier_key(self, name: str, held: HeldKeys) -> IdentifierKey:
        key = held.identifiers.get(name)
        if key is None:
            key = held.identifiers[name] = await find_identifier_key(self._pool, self._masters, name)
        return key

    async def _rows(self, log: LogInfo, subjects: Sequence[str]) -> list[asyncpg.Record]:
        return await self._pool.fetch(statements("find_keys"), log.log_id, list(subjects))


def _new_keys(subjects: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    """Return new keys of data subjects, each with its id: drawn at once, since asking the system takes longest."""
    each = KEY_ID_BYTES + KEY_BYTES
    drawn = token_bytes(each * len(subjects))
    parts = [drawn[start : start + each] for start in range(0, len(drawn), each)]
    return {
        subject: (base64.urlsafe_b64encode(part[:KEY_ID_BYTES]).decode(), part[KEY_ID_BYTES:])
        for subject, part in zip(subjects, parts, strict=True)
    }


def _unwrapped(keys: Mapping[str, tuple[str, bytes]]) -> dict[str, SubjectKey]:
    return {subject: SubjectKey(key_id, AESSIV(key)) for subject, (key_id, key) in keys.items()}


def _opened(log: LogInfo, sealed: Sealed, held: HeldKeys) -> str | None:
    """Return the clear text of a † value; None where its key is destroyed, or is not that of this ciphertext."""
    key = held.subjects.get(sealed.subject)
    if key is None:
        return None
    try:
        content = base64.b64decode(sealed.text.rpartition(":")[2], validate=True)
        associated = [log.slug.encode(), sealed.event_id.encode(), sealed.pointer.encode()]
        return key.cipher.decrypt(content, associated).decode()
    except (ValueError, InvalidTag):
        return None


async def read_destroyed_keys(pool: Pool, log: LogInfo) -> frozenset[bytes]:
    """Return the ids of a log's destroyed keys: what they encrypted reads `[ERASED]`."""
    rows = await pool.fetch(statements("read_destroyed_keys"), log.log_id)
    return frozenset(row["key_id"].encode() for row in rows)


async def find_keys(pool: Pool, logs: Sequence[LogInfo], subject: str) -> list[KeyRecord]:
    """Return what is open of a data subject's keys in these logs; nothing of a log without a key."""
    rows = await pool.fetch(statements("find_subject_keys"), [log.log_id for log in logs], subject)
    return [KeyRecord(row["log_id"], row["key_id"], row["destroyed"]) for row in rows]


async def destroy_key(pool: Pool, log: LogInfo, subject: str, at: datetime) -> datetime:
    """Destroy a data subject's key in a log, for ever, and return when it was destroyed: `at`, or long since.

    Durable when it returns. It must be listed outside before. Raises NotFound where there is no key.
    """
    destroyed: datetime | None = await pool.fetchval(statements("destroy_key"), log.log_id, subject, at)
    if destroyed is None:
        raise NotFound(f"log {log.slug} holds no key of {subject}")
    return destroyed
