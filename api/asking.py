"""Asking a running ledger: plain HTTP requests, as a user would send them, and a record of which were sent."""

from collections.abc import Iterable, Sequence
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import msgspec

from ledger.errors import JejakError, reason_of

TIMEOUT_SECONDS = 60
"""How long an answer may take: a list on basis SOURCE folds up to a million events."""
PAGE_ITEMS = 1_000
"""Items asked for at once: the most that a list gives."""
ITEMS_MAX = 1_000_000
"""Items of one list that are read; beyond, the question is not one for a list."""
FIRST_BAD_STATUS = 400
READABLE = ":/,"
"""What stays as it is in a query, so that a request can be read and typed."""


class AskingFailed(JejakError):
    """A request was not answered as it should be: the text says which, and why."""


class Asker:
    """A client of one ledger. `sent` are the requests since `forget`, each as method, path, query and body."""

    def __init__(self, host: str, port: int, token: str) -> None:
        """Take where the ledger listens, and a token to ask with."""
        self._connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._sent: list[str] = []

    def __enter__(self) -> Self:
        """Return itself; the connection is made with the first request."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def sent(self) -> list[str]:
        """The requests that were sent since `forget`."""
        return list(self._sent)

    def forget(self) -> None:
        """Begin a new record of requests."""
        self._sent.clear()

    def get(self, path: str, **query: str | Sequence[str]) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the JSON answer to a GET. Raises AskingFailed."""
        text = urlencode(query, doseq=True, safe=READABLE)
        return self._ask("GET", f"{path}?{text}" if text else path)

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - decoded JSON
        """Return the JSON answer to a POST of JSON. Raises AskingFailed."""
        return self._ask("POST", path, msgspec.json.encode(body))

    def count(self, view: str, **query: str | Sequence[str]) -> int:
        """Return how many items a list has."""
        counted: int = self.get(f"/v1/{view}", **query, count="true")["count"]
        return counted

    def items(self, view: str, **query: str | Sequence[str]) -> list[dict[str, Any]]:
        """Return the items of a list, of every page. Raises AskingFailed past ITEMS_MAX."""
        items: list[dict[str, Any]] = []
        page: dict[str, Any] = {"next": ""}
        while page["next"] is not None:
            cursor = {"cursor": page["next"]} if page["next"] else {}
            page = self.get(f"/v1/{view}", **query, **cursor, limit=str(PAGE_ITEMS))
            items += page["items"]
            if len(items) > ITEMS_MAX:
                raise AskingFailed(f"{view} has more than {ITEMS_MAX} items")
        return items

    def first(self, view: str, **query: str | Sequence[str]) -> dict[str, Any]:
        """Return the first item of a list; an empty one where it has none."""
        items: list[dict[str, Any]] = self.get(f"/v1/{view}", **query, limit="1")["items"]
        return items[0] if items else {}

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:  # noqa: ANN401 - decoded JSON
        self._sent.append(f"{method} {path}" + (f" {body.decode()}" if body else ""))
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        try:
            self._connection.request(method, path, body=body, headers=headers)
            response = self._connection.getresponse()
            content = response.read()
            answer: Any = msgspec.json.decode(content)
        except (OSError, HTTPException, msgspec.MsgspecError) as error:
            self._connection.close()
            raise AskingFailed(f"{method} {path}: {reason_of(error)}") from error
        if response.status >= FIRST_BAD_STATUS:
            detail = answer.get("detail") or answer.get("title")
            raise AskingFailed(f"{method} {path}: {response.status} {detail}")
        return answer


def short_ids(subjects: Iterable[str]) -> list[str]:
    """Return the last parts of subjects, sorted, each once."""
    return sorted({subject.rpartition(":")[2] for subject in subjects})
