"""A log with its signer over a database of its own: what the tests of checkpoints stand on."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger.checkpoints import log_keys, read_checkpoints, root_at
from ledger.database import Database, Pool
from ledger.entry import Draft
from ledger.feed import Feed
from ledger.intake import Author, EventData, LogInfo, check_event
from ledger.log_keys import LogKeys, VaultKeys
from ledger.marks import read_mark
from ledger.sequencer import Sequencer
from ledger.signer import Signer
from ledger.store import create_log
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.tlog.note import parse_note
from ledger.vault import Vault
from tests.races.writing import listing, published

AUTHOR = Author(authid="t-1", authrole="PLATFORM_WRITER")
SLUG = "shop"


class Signed(Struct, frozen=True):
    """A log, who appends to it, and who signs it."""

    database: Database
    log: LogInfo
    vault: Vault
    keys: LogKeys
    signer: Signer
    sequencer: Sequencer

    @property
    def reader(self) -> Pool:
        return self.database.pool("reader")

    def other_signer(self) -> Signer:
        """Return a signer as another process has one."""
        return new_signer(self.database, self.vault, self.keys)

    async def append(self, name: str, count: int = 1) -> None:
        await self.sequencer.append(drafts(self.log, name, count))

    async def sign(self) -> Checkpoint:
        """Sign, and return the newest checkpoint."""
        note = await self.signer.sign(self.log)
        assert note is not None
        return parse_checkpoint(parse_note(note).text)

    async def kept(self) -> list[Checkpoint]:
        """Return every checkpoint that is kept of the log's first origin, signatures verified, in order of size."""
        return await kept_of(self.reader, self.log.log_id, self.log.origin)

    async def assert_sound(self) -> list[Checkpoint]:
        """Every checkpoint kept is what the log has at its size, and none is above the mark; return them."""
        kept = await self.kept()
        for one in kept:
            assert await root_at(self.reader, self.log.log_id, one.size) == one.root
        mark = read_mark(self.vault, self.log.slug)
        assert max((one.size for one in kept), default=0) <= (mark.size if mark else 0)
        return kept


async def kept_of(reader: Pool, log_id: int, origin: str) -> list[Checkpoint]:
    notes = [stored.note async for page in read_checkpoints(reader, log_id, origin) for stored in page]
    keys = await log_keys(reader, log_id)  # afterwards: a first checkpoint comes with its key
    return [open_checkpoint(note, keys) for note in notes]


def drafts(log: LogInfo, name: str, count: int) -> Sequence[Draft]:
    events = [published(f"{name}-{number}", listing(f"{name}{number % 7}")) for number in range(count)]
    raw = msgspec.json.encode(events)
    return [check_event(event, log, AUTHOR) for event in msgspec.json.decode(raw, type=list[EventData])]


def new_signer(database: Database, vault: Vault, keys: LogKeys) -> Signer:
    return Signer(database, vault, Feed(database.pool("reader")), keys)


@asynccontextmanager
async def signed_log(
    database: Database, folder: Path, slug: str = SLUG, vault: Vault | None = None
) -> AsyncGenerator[Signed]:
    """Yield a new, empty log with a signer that signs when it is told to; the vault is in a folder, if not given."""
    log = await create_log(
        database.pool("keeper"), slug, "PLATFORM", "Asia/Jakarta", "ID", "PUBLIC", f"{database.name}/{slug}"
    )
    vault = vault or Vault(folder / "vault")
    keys = VaultKeys(vault)
    sequencer = Sequencer(log, database.pool("writer"), lambda _log, _size: None)
    try:
        yield Signed(database, log, vault, keys, new_signer(database, vault, keys), sequencer)
    finally:
        await sequencer.close()
