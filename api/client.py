"""A client of the service: `Client` for programs that wait, `AsyncClient` for those on an event loop.

    with Client("https://ledger.example", token, keys=[vkey]) as ledger:
        for result in ledger.append("shop", events, prove=True):
            ...                     # result.receipt, or result.problem: each event on its own
        ledger.verify("shop", event, result.receipt)
        for event in ledger.events("shop", type=["ListingBlocked"]):
            ...

Both do the same, by the exchanges of `api.calling`: events go in batches, each with a result of its own; what meets
429, 503, a lost connection or a time-out is sent again with the same ids, which cannot store it twice; receipts are
checked, and with `keys` (a log's public keys, from somebody you trust) so are their proofs. The token is shown in no
text: not in errors, not in logs, not in `repr`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from api.calling.appending import Event, Receipt, Result, append_all, append_each, batches
from api.calling.exchange import (
    Call,
    Came,
    Exchange,
    Pause,
    Retries,
    ServiceError,
    ServiceRefused,
    ServiceUnavailable,
    ask_json,
)
from api.calling.proving import Keys, check_receipts
from api.calling.reading import Query, read_page, verify_receipt
from api.calling.transport import TIMEOUT_SECONDS, BearerToken, request_of
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note_key import parse_vkey

__all__ = (
    "AsyncClient",
    "Client",
    "Receipt",
    "Result",
    "Retries",
    "ServiceError",
    "ServiceRefused",
    "ServiceUnavailable",
)
DEFAULT_RETRIES = Retries()
Made = TypeVar("Made")


class Client:
    """A ledger, asked by a program that waits. Use it as a context manager, or close it."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        keys: Iterable[str] = (),
        retries: Retries = DEFAULT_RETRIES,
        timeout_seconds: float = TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Take where the ledger is, a token, and public keys (C2SP vkeys) of the logs whose receipts are proved."""
        self._url = url
        self._keys = read_keys(keys)
        self._retries = retries
        self._http = httpx.Client(base_url=url, auth=BearerToken(token), timeout=timeout_seconds, transport=transport)

    def __repr__(self) -> str:
        """Return which ledger it asks."""
        return f"{type(self).__name__}({self._url!r})"

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def append(
        self, log: str, events: Iterable[Event], *, prove: bool = False, dry_run: bool = False
    ) -> Iterator[Result]:
        """Append events, each on its own, and yield a result for each, in order; with `prove`, wait for their proofs.

        Raises ServiceRefused (no such log, no right), ServiceUnavailable, and Tampered for a receipt that is wrong.
        """
        for batch in batches(events):
            results = self._run(append_each(log, batch, self._retries, prove=prove, dry_run=dry_run))
            check_receipts(log, [line.id for line in batch], [one.receipt for one in results], self._keys)
            yield from results

    def append_all(
        self, log: str, events: Sequence[Event], *, prove: bool = False, dry_run: bool = False
    ) -> list[Receipt]:
        """Append events all or none, in one request. Raises ServiceRefused with every fault, else as `append`."""
        receipts = self._run(append_all(log, events, self._retries, prove=prove, dry_run=dry_run))
        check_receipts(log, [str(event.get("id")) for event in events], receipts, self._keys)
        return receipts

    def verify(self, log: str, event: Event, receipt: Receipt) -> Checkpoint:
        """Return the checkpoint under which a log provably holds what was sent. Raises Tampered, else as `get`."""
        return self._run(verify_receipt(log, event, receipt, self._keys, self._retries))

    def events(self, log: str | None = None, /, **query: Query) -> Iterator[dict[str, Any]]:
        """Yield recorded events of a log, or of all that may be read, by position; `query` are the list's filters."""
        cursor, more = None, True
        while more:
            page = self._run(read_page(log, query, cursor, self._retries))
            yield from page.items
            cursor, more = page.next, page.next is not None

    def get(self, path: str, /, **query: Query) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the JSON answer to a GET. Raises ServiceRefused and ServiceUnavailable."""
        return self._run(ask_json(Call("GET", path, query), self._retries))

    def _run(self, exchange: "Exchange[Made]") -> Made:
        """Run an exchange to its end, and return what it does."""
        came: Came = None
        while True:
            try:
                step = exchange.send(came)
            except StopIteration as end:
                made: Made = end.value
                return made
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                came = None
                continue
            try:
                came = self._http.send(request_of(self._http, step))
            except httpx.TransportError as error:
                came = error


class AsyncClient:
    """The same on an event loop."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        keys: Iterable[str] = (),
        retries: Retries = DEFAULT_RETRIES,
        timeout_seconds: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Take what `Client` does."""
        self._url = url
        self._keys = read_keys(keys)
        self._retries = retries
        self._http = httpx.AsyncClient(
            base_url=url, auth=BearerToken(token), timeout=timeout_seconds, transport=transport
        )

    def __repr__(self) -> str:
        """Return which ledger it asks."""
        return f"{type(self).__name__}({self._url!r})"

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def append(
        self, log: str, events: Iterable[Event], *, prove: bool = False, dry_run: bool = False
    ) -> AsyncIterator[Result]:
        """Append events, each on its own: see `Client.append`."""
        for batch in batches(events):
            results = await self._run(append_each(log, batch, self._retries, prove=prove, dry_run=dry_run))
            check_receipts(log, [line.id for line in batch], [one.receipt for one in results], self._keys)
            for result in results:
                yield result

    async def append_all(
        self, log: str, events: Sequence[Event], *, prove: bool = False, dry_run: bool = False
    ) -> list[Receipt]:
        """Append events all or none: see `Client.append_all`."""
        receipts = await self._run(append_all(log, events, self._retries, prove=prove, dry_run=dry_run))
        check_receipts(log, [str(event.get("id")) for event in events], receipts, self._keys)
        return receipts

    async def verify(self, log: str, event: Event, receipt: Receipt) -> Checkpoint:
        """Return the checkpoint that proves a receipt: see `Client.verify`."""
        return await self._run(verify_receipt(log, event, receipt, self._keys, self._retries))

    async def events(self, log: str | None = None, /, **query: Query) -> AsyncIterator[dict[str, Any]]:
        """Yield recorded events: see `Client.events`."""
        cursor, more = None, True
        while more:
            page = await self._run(read_page(log, query, cursor, self._retries))
            for item in page.items:
                yield item
            cursor, more = page.next, page.next is not None

    async def get(self, path: str, /, **query: Query) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the JSON answer to a GET: see `Client.get`."""
        return await self._run(ask_json(Call("GET", path, query), self._retries))

    async def _run(self, exchange: "Exchange[Made]") -> Made:
        """Run an exchange to its end, and return what it does."""
        came: Came = None
        while True:
            try:
                step = exchange.send(came)
            except StopIteration as end:
                made: Made = end.value
                return made
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                came = None
                continue
            try:
                came = await self._http.send(request_of(self._http, step))
            except httpx.TransportError as error:
                came = error


def read_keys(texts: Iterable[str]) -> Keys:
    """Return public keys of their vkeys. Raises NoteError."""
    return tuple(map(parse_vkey, texts))
