"""`kill -9` of the service that works a job off, and a stop: another takes it, and what comes of it is whole."""

import hashlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from tests.faults.serving import LOG, Serving, poll, serving

STREAMS = 100_000
"""A second of replay and more: it says how far it is every BEAT_SECONDS of `api.jobs_worker`."""
BATCH_EVENTS = 10_000
REPLAY = msgspec.json.encode({"as_of": "2026-02-01", "logs": [LOG]})


def batch(start: int) -> bytes:
    """Return a batch of listings that were published, numbered from `start`."""
    return msgspec.json.encode(
        [
            {
                "specversion": "1.0",
                "id": f"pub-{number}",
                "source": "/tests",
                "type": "ListingPublished",
                "subject": f"listing:shop:L{number}",
                "time": "2026-01-05T00:00:00Z",
                "data": {"title": f"number {number}"},
            }
            for number in range(start, start + BATCH_EVENTS)
        ]
    )


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Serving]:
    """Yield a service whose log takes some seconds to replay."""
    async with serving(tmp_path_factory.mktemp("jobs") / "data") as service:
        await service.start()
        for start in range(0, STREAMS, BATCH_EVENTS):
            assert (await service.append(batch(start))).status == 201
        yield service


async def job_of(served: Serving, location: str) -> dict[str, Any]:
    """Return a job as it is now."""
    answer = await served.ask("GET", location)
    assert answer.status == 200, answer.body
    job: dict[str, Any] = answer.json()
    return job


async def begun(served: Serving) -> str:
    """Post a replay and return where it is, once some of it is done."""
    accepted = await served.ask("POST", "/v1/replays", REPLAY)
    assert accepted.status == 202, accepted.body
    location = accepted.headers["location"]

    async def underway() -> bool:
        progress = (await job_of(served, location))["progress"]
        return bool(0 < progress["done"] < progress["of"])

    await poll(underway)
    return location


async def assert_ends(served: Serving, location: str) -> None:
    """The job is worked off, and its result is all of the log."""

    async def done() -> bool:
        return bool((await job_of(served, location))["state"] == "DONE")

    await poll(done)
    job = await job_of(served, location)
    async with served.database() as connection:
        rows = await connection.fetch(
            "SELECT content FROM job_part JOIN job USING (job_id, attempt) WHERE job_id = $1 ORDER BY number", job["id"]
        )
    content = b"".join(row["content"] for row in rows)
    assert content.count(b"\n") == STREAMS
    assert hashlib.sha256(content).hexdigest() == job["result"]["sha256"] == job["result"]["manifest"]["result_sha256"]


async def test_a_job_of_a_service_that_was_killed_is_worked_off_by_the_next(served: Serving) -> None:
    location = await begun(served)
    assert served.process is not None
    served.process.kill()
    await served.process.wait()
    await served.start()
    await assert_ends(served, location)


async def test_a_service_that_stops_puts_its_job_back_and_one_that_is_cancelled_makes_room_for_the_next(
    served: Serving,
) -> None:
    location = await begun(served)
    await served.stop()
    await served.start()
    assert (await job_of(served, location))["state"] in {"QUEUED", "RUNNING", "DONE"}
    await assert_ends(served, location)
    location = await begun(served)
    assert (await served.ask("DELETE", location)).json()["state"] == "CANCELLED"
    async with served.database() as connection:
        parts = await connection.fetchval("SELECT count(*) FROM job_part WHERE job_id = $1", location.split("/")[-1])
        other = await served.ask("POST", "/v1/replays", REPLAY)
        await poll_for(served, other.headers["location"], "RUNNING")
        assert parts == await connection.fetchval(
            "SELECT count(*) FROM job_part WHERE job_id = $1", location.split("/")[-1]
        )


async def poll_for(served: Serving, location: str, state: str) -> None:
    """Return once a job is in a state, or past it."""

    async def reached() -> bool:
        return bool((await job_of(served, location))["state"] in {state, "DONE"})

    await poll(reached)
