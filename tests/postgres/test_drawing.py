"""Streams that are drawn for a rebuild by several processes: the same rows, in the same order, whoever draws them."""

import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from ledger.database import Database
from ledger.entry import StreamEntries, facts_of
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.store import read_heads
from projections import drawers, drawing, rebuild
from projections.bitemporal import draw_whole
from projections.drawers import Drawers
from projections.drawing import Page, Rows
from projections.replay import read_pages_by_subject
from projections.runner import Runner
from projections.views import VIEWS
from projections.written import Written, draw_up
from tests.benchmarks.workload import Lane
from tests.histories import AUTHOR, INTAKE, make_appender, make_log
from tests.postgres.test_rebuild import assert_right, dumped

LISTINGS = [view for view in VIEWS if "listing" in view.kinds]
EVENTS, PAGE_STREAMS = 300, 8
Pages = Sequence[Sequence[StreamEntries]]


class NotHere(Exception):
    """What is raised where something is drawn that a companion was to draw."""


async def refuse(page: Page) -> Rows:
    raise NotHere(page.views)


@asynccontextmanager
async def pool_of(count: int) -> AsyncGenerator[Drawers]:
    made = Drawers(count)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> LogInfo:
    """A log of many listings."""
    appender = make_appender(database, tmp_path)
    log = await make_log(database, "alpha")
    await appender.append(log, AUTHOR, INTAKE.read_lines(b"\n".join(Lane(0).take(EVENTS))))
    await appender.close()
    return log


@pytest.fixture
async def pages(database: Database, log: LogInfo) -> Pages:
    (head,) = await read_heads(database.pool("reader"), [log.slug])
    read = read_pages_by_subject(database.pool("reader"), log, head.size, "listing:")
    streams = [stream async for page in read for stream in page.streams]
    return [streams[start : start + PAGE_STREAMS] for start in range(0, len(streams), PAGE_STREAMS)]


async def given(pages: Pages) -> AsyncGenerator[Sequence[StreamEntries]]:
    for page in pages:
        yield page


async def drawn(by: Drawers, log: LogInfo, pages: Pages) -> list[Rows]:
    async with aclosing(by.draw(log.log_id, LISTINGS, given(pages))) as rows:
        return [list(one) async for one in rows]


def expected(log: LogInfo, pages: Pages) -> list[Rows]:
    rows: list[Rows] = []
    for page in pages:
        written = [Written(view=view, log_id=log.log_id) for view in LISTINGS]
        for subject, entries in page:
            draw_up(written, draw_whole(subject, facts_of(entries), LISTINGS), begins=True)
        rows.append([(b"".join(one.first), b"".join(one.earlier)) for one in written])
    return rows


@pytest.mark.parametrize("count", [0, 1, 2])
async def test_pages_give_the_same_rows_in_their_order_whoever_draws_them(
    log: LogInfo, pages: Pages, count: int
) -> None:
    assert len(pages) > 2 * count + 2
    async with pool_of(count) as by:
        assert await drawn(by, log, pages) == expected(log, pages)


async def test_companions_that_have_begun_draw(log: LogInfo, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawers, "_draw_here", refuse)
    async with pool_of(2) as by:
        await by.begin()
        begun = [companion._process for companion in by._companions]  # pyright: ignore[reportPrivateUsage]
        assert None not in begun
        assert await drawn(by, log, pages) == expected(log, pages)
        assert [companion._process for companion in by._companions] == begun  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("count", [1, 2])
async def test_where_there_are_companions_the_loop_draws_nothing(
    log: LogInfo, pages: Pages, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(drawers, "_draw_here", refuse)
    async with pool_of(count) as by:
        assert await drawn(by, log, pages) == expected(log, pages)


async def test_what_a_companion_was_to_draw_that_has_died_is_drawn_here(log: LogInfo, pages: Pages) -> None:
    async with pool_of(1) as by:
        await drawn(by, log, pages[:1])
        process = by._companions[0]._process  # pyright: ignore[reportPrivateUsage]
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert await drawn(by, log, pages) == expected(log, pages)


async def test_a_page_that_is_too_long_for_a_companion_is_drawn_here(
    log: LogInfo, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawers, "FRAME_MAX_BYTES", 4_096)
    async with pool_of(1) as by:
        assert await drawn(by, log, pages) == expected(log, pages)


async def test_rows_that_are_too_long_for_an_answer_are_drawn_here_and_the_companion_goes_on(
    log: LogInfo, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(log.log_id, [view.name for view in LISTINGS], pages[0])
    frame = msgspec.msgpack.encode(page)
    assert len(drawing.draw(frame)) > len(frame)
    monkeypatch.setattr(drawers, "FRAME_MAX_BYTES", len(frame))
    async with pool_of(1) as by:
        for _ in range(2):
            assert await drawn(by, log, pages[:1]) == expected(log, pages[:1])
            process = by._companions[0]._process  # pyright: ignore[reportPrivateUsage]
            assert process is not None
            assert process.poll() is None


async def test_who_leaves_before_the_last_page_leaves_nothing_under_way(log: LogInfo, pages: Pages) -> None:
    async with pool_of(1) as by:
        async with aclosing(by.draw(log.log_id, LISTINGS, given(pages))) as rows:
            assert await anext(rows) == expected(log, pages[:1])[0]
        assert await drawn(by, log, pages) == expected(log, pages)


@pytest.mark.parametrize(("long_events", "useful", "started"), [(1, 2, 2), (1, 0, 0), (1_000_000, 2, 0)])
async def test_a_rebuild_of_long_logs_draws_with_companions(
    database: Database, log: LogInfo, monkeypatch: pytest.MonkeyPatch, long_events: int, useful: int, started: int
) -> None:
    asked: list[int] = []

    class Counted(Drawers):
        def __init__(self, count: int) -> None:
            asked.append(count)
            super().__init__(count)

    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    before = await dumped(database)
    monkeypatch.setattr(rebuild, "Drawers", Counted)
    monkeypatch.setattr(rebuild, "LONG_EVENTS", long_events)
    monkeypatch.setattr(rebuild, "useful_companions", lambda: useful)
    (head,) = await read_heads(database.pool("reader"), [log.slug])
    assert await rebuild.rebuild(database, VIEWS) == head.size
    assert asked == [started]
    assert await dumped(database) == before
    await assert_right(database)
