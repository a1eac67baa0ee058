"""Daily files of a log's statements: published once, signed by the log's key, recorded in the log itself.

A day is over when the ledger's clock says so: whatever is recorded later is of a later day, and a file of that day says
what it changed. The files themselves are kept nowhere: they follow from entries that never change, and what is served
is held against the hash that was published.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from api.dsa.dump_content import measure, write_pages
from api.dsa.dump_notes import Dump, DumpFile, format_dump, parse_dump
from ledger.appender import Appender
from ledger.database import Database
from ledger.domain.audit_events import ExportProduced
from ledger.domain.instants import EARLIEST, LATEST, TICK
from ledger.errors import Fault, LogHalted, NotFound, Refused, Tampered
from ledger.intake import Author, LogInfo
from ledger.log_keys import open_log_keys
from ledger.marks import halted, lock_log
from ledger.own_events import LEDGER_ROLE, own_event
from ledger.signing import signers_of
from ledger.store import Reader, read_clock, read_heads, read_streams, size_known_at
from ledger.tlog.note import Note, format_note, parse_note
from ledger.vault import Vault

SUBJECT = "audit:dumps"
"""The stream, in each log, of what was published of it."""
KIND = "dump"


class Published(Struct, frozen=True):
    """A dump as it was published: the note holds everything that `dump` says, and the signatures."""

    dump: Dump
    note: bytes

    def describe(self) -> dict[str, Any]:
        """Return the dump as JSON values."""
        return {
            "date": self.dump.day.isoformat(),
            "start": self.dump.start,
            "end": self.dump.end,
            "files": [{**msgspec.to_builtins(file), "name": f"{file.sha256}.csv"} for file in self.dump.files],
            "note": self.note.decode(),
        }


async def published(reader: Reader, log: LogInfo) -> list[Published]:
    """Return every dump of a log, in the order of their days."""
    (head,) = await read_heads(reader, [log.slug])
    facts = (await read_streams(reader, log.log_id, [SUBJECT], head.size)).get(SUBJECT, ())
    found = [_read(fact.payload.manifest) for fact in facts if isinstance(fact.payload, ExportProduced)]
    return sorted((dump for dump in found if dump is not None), key=lambda one: one.dump.day)


def _read(manifest: object) -> Published | None:
    """Return the dump that a manifest is of, or None where it is another export's."""
    match manifest:
        case {"kind": str(kind), "note": str(text)} if kind == KIND:
            note = text.encode()
            return Published(parse_dump(parse_note(note).text), note)
        case _:
            return None


async def publish(database: Database, vault: Vault, appender: Appender, log: LogInfo, day: date, who: str) -> Published:
    """Publish the files of a day, or return them as they were published. `who` is the credential that asked.

    Raises:
        Refused: the day is not over, or outside the calendar.
        LogHalted, VaultError, SettingError: nothing can be signed.
    """
    reader = database.pool("reader")
    for one in await published(reader, log):
        if one.dump.day == day:
            return one
    now = await read_clock(reader)
    begins = datetime.combine(day, time(), UTC)
    if not EARLIEST <= begins <= LATEST:
        raise Refused((Fault("invalid-time", "/date", "is outside the calendar"),))
    ends = begins + timedelta(days=1)
    if now < ends:
        raise Refused((Fault("day-not-over", "/date", f"{day} is over at {ends:%Y-%m-%dT%H:%M:%SZ}"),))
    (head,) = await read_heads(reader, [log.slug])
    start, end = [await size_known_at(reader, log.log_id, head.size, moment - TICK) for moment in (begins, ends)]
    files = await measure(reader, log, start, end)
    signed = await _sign(database, vault, log, Dump(log.origin, day, start, end, files))
    payload = ExportProduced(manifest={"kind": KIND, **signed.describe()})
    event = own_event(f"{KIND}:{day}", SUBJECT, ends, payload)  # at `ends`: whoever publishes meanwhile says the same
    at = max(ends, (head.last_recordedtime or ends) + TICK) if database.test_clock else None
    await appender.append(log, Author(authid=who, authrole=LEDGER_ROLE), [event], recordedtime=at)
    return signed


async def _sign(database: Database, vault: Vault, log: LogInfo, dump: Dump) -> Published:
    """Return a dump with the signatures of every key by which the log signs now, and the origin that it has now."""
    keys = open_log_keys(database.settings, vault)
    async with database.pool("signer").acquire() as connection:
        async with connection.transaction():
            locked = await lock_log(connection, log.log_id)
            reason = await halted(connection, vault, locked)
            if reason is None:
                signers = await signers_of(connection, keys, locked)
                dump = msgspec.structs.replace(dump, origin=locked.origin)
                text = format_dump(dump)
                return Published(dump, format_note(Note(text, tuple(signer.sign(text) for signer in signers))))
        raise LogHalted(log.slug, reason)


def find_file(dumps: Sequence[Published], digest: str) -> tuple[Dump, DumpFile]:
    """Return the file of this SHA-256, and the dump that it is of. Raises NotFound."""
    for one in dumps:
        for file in one.dump.files:
            if file.sha256 == digest:
                return one.dump, file
    raise NotFound(f"no file of SHA-256 {digest} was published")


async def read_file(reader: Reader, log: LogInfo, dump: Dump, file: DumpFile) -> AsyncGenerator[bytes]:
    """Yield a file's bytes, the last part only once all of them are what was published. Raises Tampered."""
    digest, held = sha256(), b""
    async for page in write_pages(reader, log, file.variant, dump.start, dump.end):
        if held:
            yield held
        digest.update(page.content)
        held = page.content
    if digest.hexdigest() != file.sha256:
        raise Tampered(f"the {file.variant} file of {dump.day} of log {log.slug}", "is not what was published")
    yield held
