"""What a log has signed, compared with its own entries beside a walk over them: roots, signatures and the mark.

The walk tells how far the tree has grown, and each checkpoint of the log's present origin must have the root that it
has at that size. Of the origins before it (a log that was reopened has some) only signatures are verified: what they
signed beyond the last good size was accepted as lost.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from ledger.checkpoints import StoredCheckpoint, log_keys, read_checkpoints
from ledger.errors import Tampered
from ledger.intake import LogInfo
from ledger.marks import Mark
from ledger.store import Reader, statements
from ledger.tlog.checkpoint import open_checkpoint
from ledger.tlog.merkle import extend_frontier, frontier_root
from ledger.tlog.note import NoteError, VerifierKey

Find = Callable[[str, str], None]


class Expected(Struct, frozen=True):
    """A size that was signed, with its root (32 bytes), and where it says so."""

    size: int
    root: bytes
    place: str


class CheckpointVerifier:
    """Verifies what one log has signed. Memory: a page of checkpoints."""

    def __init__(self, connection: Reader, log: LogInfo, mark: Mark | None, find: Find) -> None:
        """Take where to read, the log, its mark where the vault is at hand, and whom to tell place and finding."""
        self._connection = connection
        self._log = log
        self._mark = mark
        self._find = find
        self._keys: Sequence[VerifierKey] = ()
        self._coming: AsyncIterator[Expected] = self._expected()
        self._next: Expected | None = None

    async def begin(self) -> None:
        """Read the log's keys, and what it has signed first. Before anything else."""
        await self._read_keys()
        self._next = await anext(self._coming, None)

    async def _read_keys(self) -> None:
        try:
            self._keys = await log_keys(self._connection, self._log.log_id)
        except Tampered as tampered:
            self._find(tampered.place, tampered.detail)

    async def take(self, size: int, frontier: bytes, leaves: Sequence[bytes]) -> None:
        """Compare what was signed while the tree, of `size` leaves and this frontier, grows by these leaf hashes."""
        while self._next is not None and self._next.size <= size + len(leaves):
            grown = leaves[: max(0, self._next.size - size)]
            frontier, leaves = extend_frontier(size, frontier, grown), leaves[len(grown) :]
            size += len(grown)
            if frontier_root(size, frontier) != self._next.root:
                self._find(self._next.place, f"its root is not that of the log's first {size} entries")
            self._next = await anext(self._coming, None)

    async def finish(self, size: int, frontier: bytes) -> None:
        """Compare what is left at the end of the walk, and verify the signatures of the origins before.

        What was signed of entries that came after the walk began is left to the next one.
        """
        await self.take(size, frontier, ())
        while self._next is not None:
            if self._next.size > size:  # as it is by now: what is signed was committed before
                size = await self._connection.fetchval(statements("read_size"), self._log.log_id) or 0
            if self._next.size > size:
                self._find(self._next.place, f"was signed, and the log has {size} entries")
            self._next = await anext(self._coming, None)
        for origin in dict.fromkeys(key.name for key in self._keys if key.name != self._log.origin):
            async for page in read_checkpoints(self._connection, self._log.log_id, origin):
                for stored in page:
                    await self._check(stored)

    async def _expected(self) -> AsyncIterator[Expected]:
        """Yield what was signed of the present origin, and the mark, in order of size."""
        mark = await self._marked()
        async for page in read_checkpoints(self._connection, self._log.log_id, self._log.origin):
            for stored in page:
                if mark is not None and mark.size <= stored.size:
                    yield mark
                    mark = None
                await self._check(stored)
                yield Expected(stored.size, stored.root, _place(stored))
        if mark is not None:
            yield mark

    async def _marked(self) -> Expected | None:
        if self._mark is None:
            return None
        if self._mark.origin != self._log.origin:
            self._find("mark", f"is of {self._mark.origin}, and the log's origin is {self._log.origin}")
            return None
        await self._check_note("mark", self._mark.note)
        return Expected(self._mark.size, self._mark.root, "mark")

    async def _check(self, stored: StoredCheckpoint) -> None:
        try:
            await self._check_note(_place(stored), stored.note)
        except NoteError as error:
            self._find(_place(stored), f"is no note: {error}")

    async def _check_note(self, place: str, note: bytes) -> None:
        """Verify the log's signatures; by a key that came after the walk began, if by no other."""
        try:
            try:
                open_checkpoint(note, self._keys)
            except NoteError:
                await self._read_keys()
                open_checkpoint(note, self._keys)
        except NoteError as error:
            self._find(place, f"its signatures do not hold: {error}")


def _place(stored: StoredCheckpoint) -> str:
    return f"checkpoint {stored.origin} {stored.size}"
