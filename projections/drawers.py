"""Who draws whole streams into rows of views, for a rebuild: companions, which do `drawing`, or the event loop.

A page of streams is drawn by whichever companion is free, so that the event loop is there for whoever waits for it: the
database for rows, and the companions for pages. Only where there is none, or one fails, a page is drawn here.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence

import msgspec

from ledger.companion import Companion
from ledger.entry import StreamEntries
from ledger.tasks import ahead
from projections.drawing import Drawer, Page, Rows
from projections.rectangle import View
from projections.replay import YIELD_EVERY_STREAMS

FRAME_MAX_BYTES = 64 * 1024**2
"""Of a page, and of what is drawn of it. A longer one is drawn here."""
DRAW_SECONDS = 60
"""Longer than a page takes; a companion that does not answer by then is replaced."""
PAGES_EACH = 2
"""Pages that are under way for each companion: one is drawn, and one waits for it."""
_rows = msgspec.msgpack.Decoder(list[tuple[bytes, bytes]])
_encode = msgspec.msgpack.Encoder().encode


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
