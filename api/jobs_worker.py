"""The worker: takes jobs one by one, keeps what comes of them, and records in the audit log what was asked.

It works in the event loop of its process, some milliseconds at a time. A job that is cancelled, or that its token's
holder forgets, ends at the next beat. Of a worker that is told to stop the job goes back into the queue.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from api.bodies import write_cells, write_rows
from api.problems import OWN_FAULT, document_of
from api.service import Service
from ledger.database import DATABASE_ERRORS
from ledger.domain.audit_events import ReplayExecuted
from ledger.domain.free_json import BYTES_MAX
from ledger.errors import JejakError, reason_of
from ledger.tasks import end
from projections.jobs.attempt import Attempt, LostJob, take_job
from projections.jobs.queue import sweep_jobs
from projections.jobs.result import Result
from projections.jobs.work import Work, open_work

POLL_SECONDS = 0.5
"""How often an idle worker looks for a job."""
BEAT_SECONDS = 0.4
"""How often a job's lease is renewed and its progress said; a cancelled job has ended within a second."""
SWEEP_SECONDS = 600.0
"""How often it is looked for results that are kept no longer."""
RETRY_SECONDS = 2.0
ATTEMPTS_MAX = 5
"""Processes that a job may take with it before it counts as the cause."""
CSV_LINES = 500
"""Lines that are written as CSV at once."""
CSV_COLUMNS = {
    "REPLAY": ("log", "kind", "subject", "state"),
    "DIFF": ("log", "kind", "subject", "before", "after", "events"),
}

log = logging.getLogger(__name__)


class Worker:
    """Works off the jobs of a ledger. Any number of processes may have one."""

    def __init__(self, service: Service) -> None:
        """Take the ledger."""
        self._service = service
        self._keeper = service.database.pool("keeper")
        self._swept = 0.0

    async def run(self) -> None:
        """Take job after job, until cancelled."""
        while True:
            try:
                await self._sweep()
                if not await self.run_one():
                    await asyncio.sleep(POLL_SECONDS)
            except DATABASE_ERRORS as error:
                log.warning("jobs wait: %s; trying again in %s s", reason_of(error), RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)

    async def run_one(self) -> bool:
        """Take a job and work it off; tell whether there was one."""
        attempt = await take_job(self._keeper)
        if attempt is None:
            return False
        try:
            await self._attempt(attempt)
        except asyncio.CancelledError:
            with contextlib.suppress(*DATABASE_ERRORS):  # then its lease runs out
                await attempt.release()
            raise
        except LostJob as error:
            log.info("%s", error)
        except JejakError as error:
            await attempt.fail(document_of(error))
        except DATABASE_ERRORS:
            raise
        except Exception:
            log.exception("job %s failed for a reason of our own", attempt.job.job_id)
            await attempt.fail(document_of(JejakError(OWN_FAULT)))
        return True

    async def _attempt(self, attempt: Attempt) -> None:
        if attempt.job.attempt > ATTEMPTS_MAX:
            raise JejakError(f"the job was begun {ATTEMPTS_MAX} times and never came to its end")
        work = await open_work(self._service.database.pool("reader"), attempt.job.asked)
        working = asyncio.create_task(self._work_off(attempt, work), name=f"job {attempt.job.job_id}")
        try:
            while not working.done():
                await attempt.renew(work.done, work.total)
                await asyncio.wait([working], timeout=BEAT_SECONDS)
            await working
        finally:
            with contextlib.suppress(Exception):  # what it raised is raised already
                await end(working)

    async def _work_off(self, attempt: Attempt, work: Work) -> None:
        result = Result(attempt)
        form = attempt.job.asked.format
        pieces = work.lines() if form == "ndjson" else as_csv(work, CSV_COLUMNS[attempt.job.kind])
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                await result.add(piece)
        await result.flush()
        manifest = work.manifest.describe()
        payload = ReplayExecuted(manifest=recordable(manifest))
        await self._service.audit.record(attempt.job.token_id, f"audit:{attempt.job.token_id}", payload)
        await attempt.finish(work.done, manifest, result.sha256, result.size)

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept > SWEEP_SECONDS or not self._swept:
            await sweep_jobs(self._keeper)
            self._swept = time.monotonic()


async def as_csv(work: Work, columns: tuple[str, ...]) -> AsyncGenerator[bytes]:
    """Yield the lines of a work as CSV with a header; what is nested stays JSON."""
    yield write_cells([columns])
    lines: list[bytes] = []
    async for line in work.lines():
        lines.append(line)
        if len(lines) == CSV_LINES:
            yield write_rows(lines, columns)
            lines.clear()
    if lines:
        yield write_rows(lines, columns)


def recordable(manifest: dict[str, Any]) -> dict[str, Any] | str:
    """Return a manifest as the audit log can hold it: of one that names too many logs, its SHA-256."""
    text = msgspec.json.encode(manifest, order="sorted")
    return manifest if len(text) <= BYTES_MAX else f"sha256:{hashlib.sha256(text).hexdigest()}"


@contextlib.asynccontextmanager
async def working(service: Service, *, wanted: bool = True) -> AsyncGenerator[None]:
    """Work off jobs inside the block, if `wanted`."""
    task = asyncio.create_task(Worker(service).run(), name="jobs") if wanted else None
    try:
        yield
    finally:
        await end(task)
