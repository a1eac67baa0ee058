"""Whole streams are drawn into rows of views: by a companion, `python -m projections.drawing`, or who has none."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from ledger.attending import attend
from ledger.entry import StreamEntries, facts_of
from projections.bitemporal import draw_whole
from projections.views import BY_NAME
from projections.written import Written, draw_up

Rows = Sequence[tuple[bytes, bytes]]
"""Packed rows of each view and of its history; empty where it has none."""


class Page(Struct, array_like=True):
    """Whole streams of one log, and the names of the views that they are drawn in."""

    log_id: int
    views: Sequence[str]
    streams: Sequence[StreamEntries]


_pages = msgspec.msgpack.Decoder(Page)
_encoder = msgspec.msgpack.Encoder()
_answer = bytearray()
"""Each answer is written into it: to make that much memory anew for each takes longer than to write it."""


class Drawer:
    """Draws the streams of a page, one by one."""

    def __init__(self, page: Page) -> None:
        """Take the page."""
        self._views = [BY_NAME[name] for name in page.views]
        self._written = [Written(view=view, log_id=page.log_id) for view in self._views]

    def draw(self, stream: StreamEntries) -> None:
        """Draw a stream."""
        subject, entries = stream
        draw_up(self._written, draw_whole(subject, facts_of(entries), self._views), begins=True)

    def rows(self) -> Rows:
        """Return what was drawn."""
        return [(b"".join(written.first), b"".join(written.earlier)) for written in self._written]


def draw(frame: bytes | memoryview) -> bytearray:
    """Return the rows of a page, both as they come and go between processes."""
    page = _pages.decode(frame)
    drawer = Drawer(page)
    for stream in page.streams:
        drawer.draw(stream)
    _encoder.encode_into(drawer.rows(), _answer)
    return _answer


if __name__ == "__main__":
    attend(draw)
