"""The lists that are worked out at query time, from the facts: one table of them, and how a page of one is made.

Beside them stand the lists of views (`lists.py`), which are kept as rectangles.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.json_values import is_array
from ledger.entry import encode_canonical
from projections.inquiry import Inquiry, Known

Consulted = Literal["REGISTERS", "EVERY_LOG"]


class Item(Struct, frozen=True, kw_only=True):
    """One item of a derived list: of which log and stream, under which key of its own there, and what it says.

    `item` holds JSON values, without `log` and `subject`, which every item gets.
    """

    log_id: int
    subject: str
    key: str
    item: Mapping[str, Any]


AFTER_ALL_KEYS = "\U0010ffff"
"""No item's key comes after it."""


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page ended: the last item's log, subject and key; or AFTER_ALL_KEYS of the last stream that was read."""

    log_id: int
    subject: str
    key: str


class Narrowing(Struct, frozen=True, kw_only=True):
    """What a question was narrowed to. A derivation may use it to read less; it is applied to the items anyway.

    `after` is the last item of the page before.
    """

    subjects: Sequence[str] | None = None
    prefixes: Sequence[str] | None = None
    filters: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict[str, Sequence[str]])
    after: Cursor | None = None

    @property
    def start(self) -> tuple[int, str]:
        """The log_id and subject from which on items are wanted."""
        return (0, "") if self.after is None else (self.after.log_id, self.after.subject)


class Derivation(Struct, frozen=True, kw_only=True):
    """A derived list: its name, its filters (the item's member of each name), and how its items are found.

    `items` yields them in order of log, subject and key. `consults` says which logs it reads beside those asked.
    A filter whose name is in `defaults` has those values when it is not given.
    """

    name: str
    filters: tuple[str, ...]
    items: Callable[[Inquiry, Narrowing], AsyncIterator[Item]]
    consults: Consulted = "REGISTERS"
    defaults: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])


async def select(derivation: Derivation, inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield the items that pass the question's filters: any value of each, all filters together."""
    wanted = {**derivation.defaults, **narrowing.filters}
    async for item in derivation.items(inquiry, narrowing):
        if _passes(item, narrowing) and all(_has(item.item.get(name), values) for name, values in wanted.items()):
            yield item


def _passes(item: Item, narrowing: Narrowing) -> bool:
    after = narrowing.after
    if after is not None and (item.log_id, item.subject, item.key) <= (after.log_id, after.subject, after.key):
        return False
    return (narrowing.subjects is None or item.subject in narrowing.subjects) and (
        narrowing.prefixes is None or item.subject.startswith(tuple(narrowing.prefixes))
    )


def streams_of(inquiry: Inquiry, narrowing: Narrowing, kinds: Iterable[str]) -> AsyncIterator[Known]:
    """Return the streams that a list goes through one by one; it may be paused between two (`Inquiry.streams`)."""
    return inquiry.streams(
        kinds, subjects=narrowing.subjects, prefixes=narrowing.prefixes, start=narrowing.start, pausing=True
    )


async def of_streams(
    inquiry: Inquiry, narrowing: Narrowing, kinds: Iterable[str], items: Callable[[Known], Iterable[Item]]
) -> AsyncIterator[Item]:
    """Yield the items that each stream of these kinds gives by itself, sorted by key within a stream."""
    async for stream in streams_of(inquiry, narrowing, kinds):
        for item in sorted(items(stream), key=lambda one: one.key):
            yield item


def _has(held: object, values: Iterable[str]) -> bool:
    """Tell whether a member is, or a list holds, one of these values as text."""
    if is_array(held):
        return any(_has(member, values) for member in held)
    if isinstance(held, bool):
        return ("true" if held else "false") in values
    return held is not None and str(held) in values


def write_item(inquiry: Inquiry, item: Item) -> bytes:
    """Return an item as a JSON object, `log` and `subject` first."""
    slug = inquiry.log_at(item.log_id).log.slug
    head = b'{"log":%b,"subject":%b' % (msgspec.json.encode(slug), msgspec.json.encode(item.subject))
    rest = encode_canonical(item.item)[1:]
    return head + (rest if rest == b"}" else b"," + rest)
