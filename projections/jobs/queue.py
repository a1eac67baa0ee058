"""The jobs of a token: queued, found, cancelled, forgotten. A token sees its own, and no other's."""

from collections.abc import AsyncGenerator
from uuid import uuid4

import msgspec

from ledger.database import Pool
from ledger.errors import Busy, NotFound
from projections.jobs.job import KEPT, Job, job_of
from projections.jobs.question import Kind, Question
from projections.replay import statements

UNDER_WAY_MAX = 10
"""Jobs of one token that wait or run: they are taken one by one, and others wait behind them."""
KEPT_MAX = 100
"""Jobs of one token that are kept, with their results: so many, listed in one answer, can still be told apart."""
SWEPT_AT_ONCE = 100
"""Jobs forgotten in one statement: their results go with them, a gigabyte each at most."""


async def add_job(keeper: Pool, kind: Kind, token_id: str, question: Question) -> Job | None:
    """Queue a job and return it; None where the token has as many under way, or kept, as it may."""
    row = await keeper.fetchrow(
        statements("add_job"),
        uuid4().hex,
        kind,
        token_id,
        msgspec.json.encode(question).decode(),
        UNDER_WAY_MAX,
        KEPT_MAX,
    )
    return None if row is None else job_of(row)


async def find_job(keeper: Pool, token_id: str, job_id: str) -> Job:
    """Return a job of a token. Raises NotFound, for another's and for one that is no longer kept, too."""
    row = await keeper.fetchrow(statements("find_job"), job_id, token_id, KEPT)
    if row is None:
        raise NotFound(f"this token has no job {job_id!r}, or no longer")
    return job_of(row)


async def list_jobs(keeper: Pool, token_id: str) -> list[Job]:
    """Return the jobs of a token, newest first."""
    return [job_of(row) for row in await keeper.fetch(statements("list_jobs"), token_id, KEPT)]


async def cancel_job(keeper: Pool, token_id: str, job_id: str) -> Job:
    """Cancel a job that is under way, or forget one that has ended, with its result; return it as it is then, or was.

    Raises NotFound.
    """
    for statement in ("cancel_job", "forget_job"):
        row = await keeper.fetchrow(statements(statement), job_id, token_id)
        if row is not None:
            return job_of(row)
    return await find_job(keeper, token_id, job_id)


async def read_result(keeper: Pool, job: Job) -> AsyncGenerator[bytes]:
    """Yield the result of a job that is done, piece by piece. Raises Busy where it is forgotten meanwhile."""
    number, left = 0, job.bytes or 0
    while left > 0:
        content: bytes | None = await keeper.fetchval(statements("read_job_part"), job.job_id, job.attempt, number)
        if content is None:
            raise Busy(f"the result of job {job.job_id} is gone")
        yield content
        number, left = number + 1, left - len(content)


async def sweep_jobs(keeper: Pool) -> int:
    """Forget jobs that ended long ago, and pieces of results that nobody reads; return how many jobs those were."""
    await keeper.execute(statements("drop_job_parts"))
    swept = 0
    while rows := await keeper.fetch(statements("sweep_jobs"), KEPT, SWEPT_AT_ONCE):
        swept += len(rows)
    return swept
