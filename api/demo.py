"""The demonstration: a story is told to a ledger, which is then asked over HTTP, as any user could ask it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import uvicorn
from msgspec import Struct

from api.app import ReadyServer, make_app
from api.asking import Asker, AskingFailed
from api.questions import QUESTIONS
from api.questions.question import Question
from api.service import Service
from api.systems import System
from ledger.domain.json_values import is_object
from ledger.tokens import create_token, revoke_token

HOST = "127.0.0.1"


class Answered(Struct, frozen=True, kw_only=True):
    """A question that was asked: the requests that were sent, in order, and the answer, a JSON value.

    An answer that failed is `{"problem": what}`.
    """

    id: str
    question: str
    request: Sequence[str]
    answer: Any


class Found(Struct, frozen=True, kw_only=True):
    """One row of the table of systems: what the ledger shows of it, the request that does, and how many items it has.

    An answer that failed is `{"problem": what}`.
    """

    system: str
    shows: str
    request: str
    answer: Any


class Demonstration(Struct, frozen=True, kw_only=True):
    """What the demonstration shows: the answers, where to look for what, and size and root of every log."""

    answers: Sequence[Answered]
    systems: Sequence[Found]
    logs: dict[str, Any]

    @property
    def failed(self) -> bool:
        """Whether an answer failed."""
        given = [*(one.answer for one in self.answers), *(one.answer for one in self.systems)]
        return any(is_object(answer) and "problem" in answer for answer in given)


async def demonstrate(
    service: Service, systems: Sequence[System] = (), progress: Callable[[int], None] = lambda _: None
) -> Demonstration:
    """Ask a ledger to which the story was told. It answers on a port of its own, of this machine only, meanwhile.

    `systems` are those of which it has heard something.
    """
    async with answering(service) as port, reading(service) as token:
        return await asyncio.to_thread(_ask_all, port, token, systems, progress)


@contextlib.asynccontextmanager
async def answering(service: Service) -> AsyncGenerator[int]:
    """Yield the port on which a ledger answers inside."""
    # Its protocol has to be said, or asyncio leaves Nagle's algorithm on, and each answer waits 40 ms for the client.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind((HOST, 0))
        listening.listen()  # whoever asks before the server has started waits, and is not refused
        config = uvicorn.Config(make_app(service), log_level="warning", access_log=False, lifespan="off")
        server = ReadyServer(config, lambda: None)
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="demo")
        try:
            port: int = listening.getsockname()[1]
            yield port
        finally:
            server.should_exit = True
            await serving


@contextlib.asynccontextmanager
async def reading(service: Service) -> AsyncGenerator[str]:
    """Yield a token that reads every log; it is revoked afterwards."""
    keeper = service.database.pool("keeper")
    token = await create_token(keeper, "operator", [], None)
    try:
        yield token
    finally:
        await revoke_token(keeper, token.split("_")[1])


def _ask_all(port: int, token: str, systems: Sequence[System], progress: Callable[[int], None]) -> Demonstration:
    answers: list[Answered] = []
    found: list[Found] = []
    with Asker(HOST, port, token) as ask:
        for question in QUESTIONS:
            answers.append(_ask(ask, question))
            progress(1)
        for system in systems:
            found.append(_look(ask, system))
            progress(1)
        logs = {log["slug"]: {"size": log["size"], "root": log["root"]} for log in ask.items("logs")}
    return Demonstration(answers=answers, systems=found, logs=logs)


def _ask(ask: Asker, question: Question) -> Answered:
    ask.forget()
    answer = _answer(lambda: question.ask(ask))
    return Answered(id=question.id, question=question.text, request=ask.sent, answer=answer)


def _look(ask: Asker, system: System) -> Found:
    def count() -> int:
        page = ask.get(system.request)
        found: int = len(page["items"]) if page["next"] is None else ask.get(f"{system.request}&count=true")["count"]
        return found

    return Found(system=system.name, shows=system.capability, request=f"GET {system.request}", answer=_answer(count))


def _answer(asked: Callable[[], Any]) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return asked()
    except AskingFailed as error:
        return {"problem": str(error)}
