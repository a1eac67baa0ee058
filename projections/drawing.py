"""Whole streams are drawn into rows of views, for a rebuild: by companions, `python -m projections.drawing`, or here.

A page of streams is drawn by whichever companion is free, so that the event loop is there for whoever waits for it: the
database for rows, and the companions for pages. Only where there is none, or one fails, a page is drawn here.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence

import msgspec
from msgspec import Struct

from ledger.companion import Companion, attend
from ledger.entry import facts_of
from ledger.tasks import ahead
from projections.binary_copy import pack_rows
from projections.bitemporal import draw_whole
from projections.rectangle import View
from projections.replay import YIELD_EVERY_STREAMS, StreamEntries
from projections.views import BY_NAME
from projections.written import Written, draw_up

FRAME_MAX_BYTES = 64 * 1024**2
"""Of a page, and of what is drawn of it. A longer one is drawn here."""
DRAW_SECONDS = 60
"""Longer than a page takes; a companion that does not answer by then is replaced."""
PAGES_EACH = 2
"""Pages that are under way for each companion: one is drawn, and one waits for it."""
PACK_STREAMS = 32
"""Streams whose rows are packed together: while they are in the processor's cache."""
Rows = Sequence[tuple[bytes, bytes]]
"""Rows as `pack_rows` gives them, of each view and of its history; empty where it has none."""


class Page(Struct, array_like=True):
    """Whole streams of one log, and the names of the views that they are drawn in."""

    log_id: int
    views: Sequence[str]
    streams: Sequence[StreamEntries]


_pages = msgspec.msgpack.Decoder(Page)
_rows = msgspec.msgpack.Decoder(list[tuple[bytes, bytes]])
_encode = msgspec.msgpack.Encoder().encode


class Drawer:
    """Draws the streams of a page, one by one."""

    def __init__(self, page: Page) -> None:
        """Take the page."""
        self._views = [BY_NAME[name] for name in page.views]
        self._written = [Written(view=view, log_id=page.log_id) for view in self._views]
        self._packed: list[tuple[list[bytes], list[bytes]]] = [([], []) for _ in self._views]
        self._drawn = 0

    def draw(self, stream: StreamEntries) -> None:
        """Draw a stream."""
        subject, entries = stream
        draw_up(self._written, draw_whole(subject, facts_of(entries), self._views), begins=True)
        self._drawn += 1
        if self._drawn % PACK_STREAMS == 0:
            self._pack()

    def rows(self) -> Rows:
        """Return what was drawn."""
        self._pack()
        return [(b"".join(first), b"".join(earlier)) for first, earlier in self._packed]

    def _pack(self) -> None:
        """Pack the rows of the streams that were drawn since the last time."""
        for written, (first, earlier) in zip(self._written, self._packed, strict=True):
            for rows, packed in ((written.first, first), (written.earlier, earlier)):
                if rows:
                    packed.append(pack_rows(rows))
                    rows.clear()


class Drawers:
    """Companions, of whom a page goes to whichever is free. Where there are none, the event loop draws by itself."""

    def __init__(self, count: int) -> None:
        """Take how many companions there are to be."""
        self._companions = [Companion("projections.drawing", FRAME_MAX_BYTES, DRAW_SECONDS) for _ in range(count)]
        self._free: asyncio.Queue[Companion | None] = asyncio.Queue()
        for seat in self._companions or (None,):
            self._free.put_nowait(seat)

    def draw(
        self, log_id: int, views: Sequence[View], pages: AsyncIterable[Sequence[StreamEntries]]
    ) -> AsyncGenerator[Rows]:
        """Yield what pages of streams give, in their order, while later ones are drawn. Close it."""
        names = [view.name for view in views]
        drawings = (self._draw(Page(log_id, names, streams)) async for streams in pages)
        return ahead(drawings, PAGES_EACH * max(len(self._companions), 1))

    async def begin(self) -> None:
        """Start the companions, so that the first pages do not wait for them."""
        await asyncio.gather(*(companion.begin() for companion in self._companions))

    async def close(self) -> None:
        """End the companions."""
        await asyncio.gather(*(companion.close() for companion in self._companions))

    async def _draw(self, page: Page) -> Rows:
        seat = await self._free.get()
        try:
            rows = await seat.ask(_encode(page), _rows.decode) if seat is not None else None
            return rows if rows is not None else await _draw_here(page)
        finally:
            self._free.put_nowait(seat)


async def _draw_here(page: Page) -> Rows:
    """Draw a page. Others get their turn meanwhile: a page before it is written."""
    drawer = Drawer(page)
    for number, stream in enumerate(page.streams, 1):
        drawer.draw(stream)
        if number % YIELD_EVERY_STREAMS == 0:
            await asyncio.sleep(0)
    return drawer.rows()


def draw(frame: bytes) -> bytes:
    """Return the rows of a page, both as a companion has them."""
    page = _pages.decode(frame)
    drawer = Drawer(page)
    for stream in page.streams:
        drawer.draw(stream)
    return _encode(drawer.rows())


if __name__ == "__main__":
    attend(draw)
