"""Fetching ahead: in order, never more than was said, and nothing left behind. Turns: a few in each, in order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing

import pytest

from ledger.tasks import Turns, ahead, one_ahead

COUNT = 20


class Fetches:
    """Fetches that end when they are let; `most` is how many were under way at once."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.under_way = self.most = self.cancelled = 0

    async def fetch(self, number: int) -> int:
        self.begun.append(number)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for _ in range(COUNT - number):  # the later it began, the sooner it could end
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1
        return number

    def all(
        self, fetch: Callable[[int], Coroutine[object, object, int]] | None = None
    ) -> Iterator[Coroutine[object, object, int]]:
        return ((fetch or self.fetch)(number) for number in range(COUNT))


@pytest.mark.parametrize("depth", [0, 1, 4, COUNT])
async def test_what_is_fetched_comes_in_order_and_no_more_than_was_said_is_under_way(depth: int) -> None:
    fetches = Fetches()
    async with aclosing(ahead(fetches.all(), depth)) as fetched:
        assert [number async for number in fetched] == list(range(COUNT))
    assert fetches.begun == list(range(COUNT))
    assert fetches.most == min(depth + 1, COUNT)


async def test_fetches_may_have_to_be_waited_for_themselves() -> None:
    fetches = Fetches()

    async def told() -> AsyncGenerator[Coroutine[object, object, int]]:
        for fetch in fetches.all():
            await asyncio.sleep(0)
            yield fetch

    async with aclosing(ahead(told(), 4)) as fetched:
        assert [number async for number in fetched] == list(range(COUNT))
    assert 1 < fetches.most <= 5


async def test_what_a_fetch_raises_is_raised_in_its_turn_and_the_others_end() -> None:
    fetches = Fetches()

    async def fetch(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return await fetches.fetch(number)

    taken: list[int] = []

    async def take() -> None:
        async with aclosing(ahead(fetches.all(fetch), 5)) as fetched:
            async for number in fetched:
                taken.append(number)  # noqa: PERF401 - what was taken before it was raised

    with pytest.raises(ValueError, match="three"):
        await take()
    assert taken == [0, 1, 2]
    assert fetches.under_way == 0


async def test_who_leaves_early_leaves_nothing_under_way() -> None:
    fetches = Fetches()

    async def fetch(number: int) -> int:
        return await (fetches.fetch(0) if number == 0 else fetches.fetch(-COUNT * COUNT))

    async with aclosing(ahead(fetches.all(fetch), 3)) as fetched:
        assert await anext(fetched) == 0
    assert (fetches.under_way, fetches.cancelled, len(fetches.begun)) == (0, 3, 4)


class Pages:
    """A generator of pages that says how many it has made, and whether it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = False

    async def all(self) -> AsyncGenerator[int]:
        try:
            for number in range(COUNT):
                self.made += 1
                yield number
                await asyncio.sleep(0)
        finally:
            self.closed = True


async def test_a_page_is_made_while_the_last_one_is_used_and_no_more() -> None:
    pages, seen = Pages(), list[tuple[int, int]]()
    async with aclosing(one_ahead(pages.all())) as made:
        async for page in made:
            for _ in range(3):
                await asyncio.sleep(0)
            seen.append((page, pages.made))
    assert seen == [(page, min(page + 2, COUNT)) for page in range(COUNT)]


async def test_pages_that_nobody_waits_for_any_more_are_not_made() -> None:
    pages = Pages()
    async with aclosing(one_ahead(pages.all())) as made:
        async for _ in made:
            for _ in range(3):
                await asyncio.sleep(0)
            break
    assert (pages.made, pages.closed) == (2, True)


async def test_what_making_a_page_raises_comes_after_those_before_it() -> None:
    async def failing() -> AsyncGenerator[int]:
        yield 1
        raise ValueError("two")

    seen: list[int] = []

    async def take() -> None:
        async with aclosing(one_ahead(failing())) as made:
            async for page in made:
                seen.append(page)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(ValueError, match="two"):
        await take()
    assert seen == [1]


class Taking:
    """Tasks that come at once, and what goes on: numbers of those whose turn it was, None where a turn had ended."""

    def __init__(self, turns: Turns) -> None:
        self.told: list[int | None] = []
        self._turns = turns

    async def take(self, number: int) -> None:
        await self._turns.take()
        self.told.append(number)

    def all(self, count: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.take(number)) for number in range(count)]

    async def watch(self, turns: int) -> None:
        for _ in range(turns):
            self.told.append(None)
            await asyncio.sleep(0)

    @property
    def by_turn(self) -> list[list[int]]:
        """Return what went on between two looks, where anything did."""
        groups: list[list[int]] = [[]]
        for number in self.told:
            if number is None:
                groups.append([])
            else:
                groups[-1].append(number)
        return [group for group in groups if group]


@pytest.mark.parametrize("most", [1, 2, 7])
async def test_a_few_tasks_go_on_in_each_turn_in_the_order_in_which_they_came(most: int) -> None:
    taking = Taking(Turns(most))
    tasks = taking.all(COUNT)
    await asyncio.gather(taking.watch(2 * COUNT), *tasks)
    assert taking.by_turn == [list(range(COUNT))[start : start + most] for start in range(0, COUNT, most)]


async def test_who_comes_alone_does_not_wait_for_a_turn_of_the_loop() -> None:
    taking = Taking(Turns(1))
    for number in range(3):
        with pytest.raises(StopIteration):
            taking.take(number).send(None)
        await asyncio.sleep(0)
    assert taking.told == [0, 1, 2]


async def test_who_leaves_before_its_turn_takes_nobody_elses() -> None:
    taking = Taking(Turns(2))
    tasks = taking.all(8)
    await asyncio.sleep(0)
    for number in (2, 3, 5):
        tasks[number].cancel()
    await asyncio.gather(taking.watch(COUNT), *tasks, return_exceptions=True)
    assert taking.by_turn == [[0, 1], [4, 6], [7]]
