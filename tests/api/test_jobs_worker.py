"""Working jobs off: by one process at a time, to the end or until they are cancelled, whoever dies meanwhile."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from api.jobs_worker import BEAT_SECONDS, Worker, recordable, working
from ledger.domain.free_json import BYTES_MAX
from projections.jobs.attempt import LEASE, LostJob, take_job
from projections.jobs.queue import sweep_jobs
from tests.api.desk import Desk, Json
from tests.api.served import served
from tests.api.working import REPLAY, asked, result_of, tell, worked
from tests.faults.serving import poll
from tests.locks import blocked

SLACK_SECONDS = 5
"""What a busy machine may take longer."""


async def test_a_job_that_was_cancelled_while_it_ran_ends_and_nothing_of_it_counts(desk: Desk) -> None:
    await tell(desk)
    job = await asked(desk, "/v1/replays", REPLAY)
    attempt = await take_job(desk.service.database.pool("keeper"))
    assert attempt is not None
    assert (await desk.get(f"/v1/jobs/{job['id']}"))["state"] == "RUNNING"
    await desk.ask("DELETE", f"/v1/jobs/{job['id']}")
    lost = 0
    for step in (attempt.renew(1, 2), attempt.add_part(0, b"x"), attempt.finish(1, {}, b"", 1)):
        try:
            await step
        except LostJob:
            lost += 1
    assert lost == 3
    assert (await desk.get(f"/v1/jobs/{job['id']}"))["state"] == "CANCELLED"


@asynccontextmanager
async def stuck(desk: Desk) -> AsyncGenerator[tuple[dict[str, Json], asyncio.Task[bool]]]:
    """Yield a job, and the task that works it off and waits to write the first of its result, which it cannot."""
    await tell(desk)
    job = await asked(desk, "/v1/replays", REPLAY)
    async with desk.service.database.owner() as owner, owner.transaction():
        await owner.execute("LOCK TABLE job_part")
        working_off = asyncio.create_task(Worker(desk.service).run_one())
        await blocked(owner, "jejak keeper")
        yield job, working_off


async def state_of(desk: Desk, job: dict[str, Json]) -> Json:
    return (await desk.get(f"/v1/jobs/{job['id']}"))["state"]


async def test_a_job_that_is_cancelled_ends_within_a_second_whatever_it_is_at(desk: Desk) -> None:
    async with stuck(desk) as (job, working_off):
        await desk.ask("DELETE", f"/v1/jobs/{job['id']}")
        assert await asyncio.wait_for(working_off, 2 * BEAT_SECONDS + SLACK_SECONDS)
    assert await state_of(desk, job) == "CANCELLED"


async def test_the_job_of_a_worker_that_stops_goes_back_into_the_queue(desk: Desk) -> None:
    async with stuck(desk) as (job, working_off):
        working_off.cancel()
        await asyncio.wait([working_off])
        assert await state_of(desk, job) == "QUEUED"
    assert await Worker(desk.service).run_one()
    assert await state_of(desk, job) == "DONE"


async def test_a_job_whose_process_died_is_taken_by_another_and_what_the_first_wrote_does_not_count(
    desk: Desk,
) -> None:
    await tell(desk)
    job = await asked(desk, "/v1/replays", REPLAY)
    keeper = desk.service.database.pool("keeper")
    dead = await take_job(keeper)
    assert dead is not None
    await dead.add_part(0, b"half of a result")
    assert not await Worker(desk.service).run_one(), "its lease has not run out"
    await keeper.execute("UPDATE job SET leased_until = leased_until - $1::interval", LEASE)
    assert await Worker(desk.service).run_one()
    ended = await desk.get(f"/v1/jobs/{job['id']}")
    content = await result_of(desk, ended)
    assert hashlib.sha256(content).hexdigest() == ended["result"]["manifest"]["result_sha256"]
    assert b"half" not in content
    await sweep_jobs(keeper)
    assert await keeper.fetchval("SELECT count(*) FROM job_part") == 1
    assert await result_of(desk, ended) == content


async def test_two_workers_take_different_jobs(desk: Desk) -> None:
    first, second = [await asked(desk, "/v1/replays", REPLAY) for _ in range(2)]
    keeper = desk.service.database.pool("keeper")
    taken = await asyncio.gather(take_job(keeper), take_job(keeper), take_job(keeper))
    assert sorted(one.job.job_id for one in taken if one is not None) == sorted([first["id"], second["id"]])


async def test_what_ended_long_ago_is_forgotten_with_its_result(desk: Desk) -> None:
    await tell(desk)
    old = await worked(desk, "/v1/replays", REPLAY)
    keeper = desk.service.database.pool("keeper")
    await keeper.execute("UPDATE job SET ended = ended - interval '31 days'")
    kept = await worked(desk, "/v1/replays", REPLAY)
    assert (await desk.ask("GET", old["result"]["url"])).status_code == 404
    assert await sweep_jobs(keeper) == 1
    rows = await keeper.fetch("SELECT job_id FROM job_part")
    assert [row["job_id"] for row in rows] == [kept["id"]]


async def test_a_failed_job_says_why(desk: Desk) -> None:
    await tell(desk)
    job = await asked(desk, "/v1/replays", REPLAY)
    async with desk.service.database.owner() as owner:
        await owner.execute("UPDATE job SET question = replace(question, '\"size\":4', '\"size\":3')")
    assert await Worker(desk.service).run_one()
    failed = await desk.get(f"/v1/jobs/{job['id']}")
    assert (failed["state"], failed["problem"]["type"], failed["result"]) == ("FAILED", "/problems/other-root", None)


async def test_a_manifest_too_long_for_the_audit_log_is_recorded_by_its_sha256() -> None:
    manifest: dict[str, Any] = {"logs": "x" * BYTES_MAX}
    text = msgspec.json.encode(manifest, order="sorted")
    assert recordable(manifest) == f"sha256:{hashlib.sha256(text).hexdigest()}"
    assert recordable({"logs": "x"}) == {"logs": "x"}


async def test_a_service_works_jobs_off_by_itself_and_sends_the_result_over_the_wire(desk: Desk) -> None:
    await tell(desk)
    async with served(desk) as running, working(desk.service):
        job = await asked(desk, "/v1/replays", REPLAY)

        async def is_done() -> bool:
            return bool(await state_of(desk, job) == "DONE")

        await poll(is_done)
        async with running.answer(f"/v1/jobs/{job['id']}/result") as response:
            content = await response.aread()
    done = await desk.get(f"/v1/jobs/{job['id']}")
    assert hashlib.sha256(content).hexdigest() == done["result"]["sha256"]
