"""An attempt at a job: taken for a while that is renewed, and ended with a result or a problem.

Whoever dies lets its lease run out, and another process takes the job, as the next attempt. Every write names its
attempt and counts only while that is the job's and runs: what was cancelled, or is another process's by now, gets
nothing more, however late an old process wakes. Pieces of different attempts stand apart.
"""

from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct

from ledger.database import Pool
from ledger.errors import JejakError
from projections.jobs.job import Job, job_of
from projections.replay import statements

LEASE = timedelta(seconds=10)
"""How long a process that is silent keeps a job: many times what it takes to renew."""


class LostJob(JejakError):
    """The job was cancelled, or another process has it: nothing more of this attempt counts."""


class Attempt(Struct, frozen=True, eq=False):
    """A job that this process has taken."""

    keeper: Pool
    job: Job

    async def renew(self, done: int, total: int) -> None:
        """Say how far it has come, and keep the job. Raises LostJob."""
        await self._change("renew_job", LEASE, done, total)

    async def add_part(self, number: int, content: bytes) -> None:
        """Add a piece to the result: they are numbered from 0. Raises LostJob."""
        await self._change("add_job_part", number, content)

    async def finish(self, done: int, manifest: dict[str, Any], sha256: bytes, size: int) -> None:
        """End it with the result, of `size` bytes. Raises LostJob."""
        await self._change("finish_job", done, msgspec.json.encode(manifest).decode(), sha256, size)

    async def fail(self, problem: dict[str, Any]) -> None:
        """End it without a result."""
        text = msgspec.json.encode(problem).decode()
        await self.keeper.execute(statements("fail_job"), self.job.job_id, self.job.attempt, text)

    async def release(self) -> None:
        """Give it up, so that another process takes the job at once."""
        await self.keeper.execute(statements("release_job"), self.job.job_id, self.job.attempt)

    async def _change(self, statement: str, *values: object) -> None:
        found = await self.keeper.fetchval(statements(statement), self.job.job_id, self.job.attempt, *values)
        if found is None:
            raise LostJob(f"job {self.job.job_id} was cancelled, or is another process's")


async def take_job(keeper: Pool) -> Attempt | None:
    """Take the job that has waited longest, or that a dead process has left; None where there is none."""
    row = await keeper.fetchrow(statements("take_job"), LEASE)
    return None if row is None else Attempt(keeper, job_of(row))
