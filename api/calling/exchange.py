"""Exchanges: calls and pauses, in the order in which a client makes them, and when it asks again. Pure.

An exchange is a generator. It yields what is to be done, a Call or a Pause, is sent what came of a call (its answer, or
the error with which it was not answered), and returns its result. Whoever does input and output runs it: one way with
threads' time, another on an event loop (`api.client`).
"""

import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias, TypeVar

import httpx
import msgspec
from msgspec import Struct

from ledger.errors import JejakError, reason_of

RETRIED = frozenset({429, 502, 503, 504})
"""Statuses that say: not now. The last three may be a proxy's, and then nobody knows what was stored."""
FIRST_BAD_STATUS = 400
JITTER = 0.5
"""Share of a pause that is left to chance, so that clients that failed together do not come back together."""


class ServiceError(JejakError):
    """A ledger did not do what it was asked. The text says what was asked and why not; it never holds the token."""


class ServiceRefused(ServiceError):
    """It answered that it will not: `status`, and the problem document (RFC 9457) as it was sent."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{call}: {status} {problem.get('detail') or problem.get('title') or 'no reason given'}")
        self.status = status
        self.problem = problem


class ServiceUnavailable(ServiceError):
    """It did not answer, or not now, and went on so for every attempt. Send the same again: ids settle it."""


class Retries(Struct, frozen=True, kw_only=True):
    """How often, and after which pauses, a call is made again.

    The pause doubles from `first_seconds` up to `longest_seconds`, less a share left to chance, and is never shorter
    than the service says (Retry-After). One that says more than `patience_seconds` is believed: it is given up.
    """

    attempts: int = 8
    first_seconds: float = 0.25
    longest_seconds: float = 20
    patience_seconds: float = 60

    def pause(self, attempt: int, asked: float) -> float:
        """Return the seconds to wait after the attempt of this number, counted from 1."""
        longest = min(self.longest_seconds, self.first_seconds * 2.0 ** (attempt - 1))
        return max(asked, longest * (1 - JITTER * random.random()))  # noqa: S311 - no secret hangs on it


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be sent. Of its content nothing is shown."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return it as it is told in errors."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds in which nothing is sent."""

    seconds: float


Came: TypeAlias = httpx.Response | httpx.TransportError | None
"""What came of a step: an answer, an error in its place (connection lost, time-out), nothing after a pause."""
Result = TypeVar("Result")
Shape = TypeVar("Shape", bound=Struct)
Exchange: TypeAlias = Generator[Call | Pause, Came, Result]


def ask(call: Call, retries: Retries) -> "Exchange[httpx.Response]":
    """Call until there is an answer that is not `not now`; return it if it is good.

    Raises ServiceRefused, or ServiceUnavailable after the last attempt.
    """
    attempts = 0
    while True:
        came = yield call
        attempts += 1
        if isinstance(came, httpx.Response) and came.status_code not in RETRIED:
            return checked(call, came)
        reason, asked = why(came), asked_to_wait(came)
        if asked > retries.patience_seconds:
            raise ServiceUnavailable(f"{call}: {reason}; it asks to come again in {asked:.0f} s")
        if attempts >= retries.attempts:
            raise ServiceUnavailable(f"{call}: {reason}, {attempts} times; send the same again later")
        yield Pause(retries.pause(attempts, asked))


def ask_json(call: Call, retries: Retries) -> "Exchange[Any]":
    """Return the decoded JSON of an answer. Raises what `ask` does."""
    response = yield from ask(call, retries)
    try:
        return msgspec.json.decode(response.content)
    except msgspec.DecodeError as error:
        raise ServiceError(f"{call}: the answer is no JSON: {error}") from error


def shaped(call: Call, shape: type[Shape], retries: Retries) -> "Exchange[Shape]":
    """Return an answer of a known shape. Raises what `ask` does, and ServiceError where it is of another."""
    response = yield from ask(call, retries)
    try:
        return msgspec.json.decode(response.content, type=shape)
    except msgspec.MsgspecError as error:
        raise ServiceError(f"{call}: the answer is not as it should be: {error}") from error


def checked(call: Call, response: httpx.Response) -> httpx.Response:
    """Return an answer that is good. Raises ServiceRefused."""
    if response.status_code >= FIRST_BAD_STATUS:
        raise ServiceRefused(str(call), response.status_code, problem_of(response))
    return response


def problem_of(response: httpx.Response) -> Mapping[str, Any]:
    """Return the problem document that an answer is; an empty one where it is none."""
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def why(came: Came) -> str:
    """Return why a call was not answered as it should be, in words without quotes of what was sent."""
    if isinstance(came, httpx.Response):
        problem = problem_of(came)
        return f"{came.status_code} {problem.get('detail') or problem.get('title') or came.reason_phrase}"
    return "no answer" if came is None else f"no answer: {reason_of(came)}"


def asked_to_wait(came: Came) -> float:
    """Return the seconds that an answer asks to wait (Retry-After: seconds or a date, RFC 9110 10.2.3), else 0."""
    text = came.headers.get("retry-after", "") if isinstance(came, httpx.Response) else ""
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # none, or one that nobody can read
        return 0.0
