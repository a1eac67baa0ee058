"""Large bodies drafted beside the event loop: the same drafts, and the service's own when a drafter cannot."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncGenerator

import msgspec
import pytest

from ledger.companion import COMPANIONS_MAX, useful_companions
from ledger.drafters import OFFLOAD_MIN_BYTES, Drafters
from ledger.entry import Draft
from ledger.intake import Author, EventData, Intake, check_event
from tests.benchmarks.workload import Lane
from tests.faults.serving import poll
from tests.histories import log_info

LOG = log_info("shop")
AUTHOR = Author(authid="0123456789abcdef", authrole="PLATFORM_WRITER")
EVENTS = 200


@pytest.fixture
async def drafters() -> AsyncGenerator[Drafters]:
    made = Drafters(1)
    yield made
    await made.close()


def body_of(lines: list[bytes]) -> bytes:
    body = b"\n".join(lines)
    assert len(body) > OFFLOAD_MIN_BYTES
    return body


def process_of(drafters: Drafters) -> "subprocess.Popen[bytes]":
    """Return the process of the one drafter, which has been asked before."""
    process = drafters._idle[0]._process  # pyright: ignore[reportPrivateUsage]
    assert process is not None
    return process


def with_data(line: bytes, **more: object) -> bytes:
    event = msgspec.json.decode(line)
    return msgspec.json.encode(event | more)


async def test_a_drafter_makes_the_drafts_that_the_service_would_make(drafters: Drafters) -> None:
    body = body_of(Lane(0).take(EVENTS))
    expected = [check_event(event, LOG, AUTHOR) for event in Intake().read_lines(body) if isinstance(event, EventData)]
    drafts = await drafters.draft("lines", body, LOG, AUTHOR)
    assert drafts is not None
    assert drafts == expected
    assert [(draft.data, draft.payload) for draft in drafts] == [(draft.data, draft.payload) for draft in expected]


async def test_a_small_body_is_left_to_the_service(drafters: Drafters) -> None:
    assert await drafters.draft("lines", Lane(0).take(1)[0], LOG, AUTHOR) is None


@pytest.mark.parametrize(
    "last",
    [
        b"{",
        with_data(Lane(1).take(1)[0], type="Nothing"),
        with_data(Lane(1).take(1)[0], time="2020-01-01T00:00:00"),
        with_data(Lane(1).take(1)[0], type="EventVoided", data={"target_event_id": "x", "reason_code": "CLERICAL"}),
        with_data(
            Lane(1).take(1)[0],
            type="SellerRegistered",
            subject="seller:shop:s1",
            data={"shop_name": "Sari", "subject_id": "subject:s1"},
        ),
    ],
    ids=["no JSON", "unknown type", "naive time", "a correction", "a personal field"],
)
async def test_a_body_with_one_event_that_needs_the_service_is_left_to_it(drafters: Drafters, last: bytes) -> None:
    assert await drafters.draft("lines", body_of([*Lane(0).take(EVENTS), last]), LOG, AUTHOR) is None


async def test_a_drafter_that_dies_is_replaced_and_its_body_left_to_the_service(drafters: Drafters) -> None:
    body = body_of(Lane(0).take(EVENTS))
    first = await drafters.draft("lines", body, LOG, AUTHOR)
    process = process_of(drafters)
    process.kill()
    process.wait()
    assert await drafters.draft("lines", body, LOG, AUTHOR) is None
    again = await drafters.draft("lines", body, LOG, AUTHOR)
    assert isinstance(first, list)
    assert isinstance(again, list)
    assert [draft.id for draft in again if isinstance(draft, Draft)] == [draft.id for draft in first]


async def test_the_answer_to_somebody_who_gave_up_is_given_to_nobody_else(drafters: Drafters) -> None:
    first, second = (body_of(Lane(number).take(EVENTS)) for number in range(2))
    assert await drafters.draft("lines", first, LOG, AUTHOR) is not None  # it is started
    process = process_of(drafters)
    process.send_signal(signal.SIGSTOP)  # so that it answers nothing before it is given up
    given_up = asyncio.create_task(drafters.draft("lines", first, LOG, AUTHOR))

    async def has_asked() -> bool:
        return drafters._idle[0]._turn.locked()  # pyright: ignore[reportPrivateUsage]

    await poll(has_asked)
    given_up.cancel()
    await asyncio.wait([given_up])
    process.send_signal(signal.SIGCONT)  # were it still there, it would answer now
    drafts = await drafters.draft("lines", second, LOG, AUTHOR)
    assert given_up.cancelled()
    assert drafts is not None
    assert [draft.id for draft in drafts] == [msgspec.json.decode(line)["id"] for line in second.splitlines()]


@pytest.mark.parametrize(("processors", "useful"), [(1, 0), (2, 2), (COMPANIONS_MAX + 1, COMPANIONS_MAX)])
def test_there_is_a_companion_for_each_processor_but_none_for_a_single_one(
    monkeypatch: pytest.MonkeyPatch, processors: int, useful: int
) -> None:
    def allowed(_process: int) -> set[int]:
        return set(range(processors))

    monkeypatch.setattr(os, "sched_getaffinity", allowed)
    assert useful_companions() == useful


async def test_without_drafters_every_body_is_left_to_the_service() -> None:
    none = Drafters(0)
    assert await none.draft("lines", body_of(Lane(0).take(EVENTS)), LOG, AUTHOR) is None
    await none.close()
