"""Keys of data subjects, and the encryption of † fields before anything queues.

A field becomes `enc:v1:<key id>:<base64>`: AES-SIV (RFC 5297) under the data key of (log, subject), with log, event id
and JSON pointer as associated data. It is deterministic, so that a retry gives the same bytes. Data keys are kept
wrapped by a master key that is never in the database. Destroying a data key erases every copy of what it encrypted.

No process keeps a data subject's unwrapped key longer than one request lasts: once it is destroyed, nobody has it. Keys
of classes of identifiers, which are never destroyed, are kept.
"""

import base64
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Struct

from ledger.database import Pool
from ledger.destroyed import DestroyedKeys
from ledger.errors import Busy, Fault, NotFound, Refused, SubjectErased
from ledger.identifiers import PREFIX as TOKEN_PREFIX
from ledger.identifiers import IdentifierKey, find_identifier_key
from ledger.intake import LogInfo
from ledger.masters import KEY_BYTES, Masters, Wrapped
from ledger.personal import PREFIX, PersonalData
from ledger.store import statements

KEY_ID_BYTES = 9
"""A multiple of three: base64 has no padding then."""
MAKE_ATTEMPTS = 3
"""A master key goes out of use once in years, and two of them never within one request."""


class SubjectKey(Struct, frozen=True):
    """A data subject's key in one log, unwrapped."""

    key_id: str
    cipher: AESSIV


class HeldKeys(Struct, frozen=True):
    """The unwrapped keys of one request to one log: of data subjects, of classes of identifiers; and destroyed ones."""

    log: LogInfo
    identifiers: Mapping[str, IdentifierKey]
    subjects: dict[str, SubjectKey] = msgspec.field(default_factory=dict[str, SubjectKey])
    erased: dict[str, str] = msgspec.field(default_factory=dict[str, str])

    def __contains__(self, subject: str) -> bool:
        """Tell whether a data subject's key was looked for."""
        return subject in self.subjects or subject in self.erased

    def seal(self, event_id: str, personal: PersonalData) -> None:
        """Replace an event's † values by ciphertext, in place, by keys that are held (`KeyRing.hold`).

        Raises SubjectErased where the data subject's key is destroyed.
        """
        if personal.subject in self.erased:
            raise SubjectErased(self.erased[personal.subject])
        subject_key = self.subjects[personal.subject]
        prefix, place = f"{PREFIX}{subject_key.key_id}:", [self.log.slug.encode(), event_id.encode(), b""]
        for pointer, container, key, text in personal.values:
            if key in personal.classes and container is personal.data:
                text = self.identifiers[personal.classes[key]].token(text)  # noqa: PLW2901 - sealed instead
            place[2] = pointer.encode()
            sealed = subject_key.cipher.encrypt(text.encode(), place)
            container[key] = prefix + b2a_base64(sealed, newline=False).decode()


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
        self._identifiers: dict[str, IdentifierKey] = {}

    def held(self, log: LogInfo) -> HeldKeys:
        """Return what one request to a log will hold; no data subject's key yet."""
        return HeldKeys(log, self._identifiers)

    async def hold(self, wanted: Sequence[PersonalData], held: HeldKeys, *, keep: bool = True) -> None:
        """Put into `held` what encrypts these † values, looked up all at once: each by itself would be a statement.

        With `keep`, a data subject who has no key yet is given one; without, nothing is stored: one is made up. Raises
        SettingError when no master key opens one, and Busy while that is being changed.
        """
        if not wanted:
            return  # almost every event
        await self._hold_subjects([one.subject for one in wanted], held, keep=keep)
        for name in {name for one in wanted if one.classes for name in one.classes.values()} - self._identifiers.keys():
            self._identifiers[name] = await find_identifier_key(self._pool, self._masters, name)

    async def _hold_subjects(self, subjects: Iterable[str], held: HeldKeys, *, keep: bool) -> None:
        log = held.log
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in held]
        if not wanted:
            return
        rows = await self._rows(log, wanted)
        if len(rows) < len(wanted):
            missing = sorted(set(wanted) - {row["subject"] for row in rows})
            rows += await self._make(missing, held) if keep else []
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
        held = self.held(log)
        await self._hold_subjects([subject], held, keep=False)
        if subject in held.erased:
            raise SubjectErased(held.erased[subject])
        clear = _opened(Sealed(subject, event_id, pointer, text), held)
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
        held = self.held(log)
        await self._hold_subjects((one.subject for one in sealed), held, keep=False)
        return [_opened(one, held) for one in sealed]

    async def _make(self, subjects: Sequence[str], held: HeldKeys) -> list[asyncpg.Record]:
        """Make data subjects' keys and put them into `held`; return them all where another process made one first."""
        log, new = held.log, _new_keys(subjects)
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


def _opened(sealed: Sealed, held: HeldKeys) -> str | None:
    """Return the clear text of a † value; None where its key is destroyed, or is not that of this ciphertext."""
    key = held.subjects.get(sealed.subject)
    if key is None:
        return None
    try:
        content = base64.b64decode(sealed.text.rpartition(":")[2], validate=True)
        associated = [held.log.slug.encode(), sealed.event_id.encode(), sealed.pointer.encode()]
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
