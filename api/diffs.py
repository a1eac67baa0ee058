"""Differences: what is not the same at two moments, and which events made it so, as a job (contract section 2)."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import field

from api.bodies import read_body
from api.jobs import accept
from api.queries import asked_logs
from api.replays import NewReplay, asked_again, check_alone, logs_of, moment_at
from api.service import Service
from ledger.domain.instants import format_instant
from ledger.domain.payload import Count, DateOrInstant, Identifier
from projections.jobs.question import ManifestSaid, MomentSaid, Question, said_of
from projections.moment import TimeParameters


class NewDiff(NewReplay, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two moments of the same logs. The other's date is by default the first's, and what is known there, now.

    With the manifest of a replay, the first moment is the replay's, and the other the same date as known now.
    """

    and_as_of: DateOrInstant | None = None
    and_known_at: DateOrInstant | None = None
    and_sizes: Mapping[Identifier, Count] = field(default_factory=dict[str, int])


@post("/v1/diffs", status_code=HTTP_202_ACCEPTED, name="diffs", summary="Compare two moments, as a job")
async def compare(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Accept a comparison of two moments. Both are resolved now."""
    asked = read_body(await request.body(), NewDiff)
    if asked.manifest is not None:
        check_alone(asked)
        question = await _of_manifest(request, service, asked.manifest)
    else:
        question = await _of_moments(request, service, asked)
    return await accept(request, service, "DIFF", msgspec.structs.replace(question, format=asked.format))


async def _of_moments(request: Request[Any, Any, Any], service: Service, asked: NewDiff) -> Question:
    logs = await logs_of(request, service, asked)
    first = await moment_at(request, service, logs, asked.time)
    other = msgspec.structs.replace(
        asked.time,
        as_of=asked.and_as_of or format_instant(first.as_of),
        known_at=asked.and_known_at,
        size=asked.and_sizes,
    )
    second = await moment_at(request, service, logs, other)
    return Question(moment=said_of(first), compared=said_of(second), subject_prefix=asked.subject_prefix)


async def _of_manifest(request: Request[Any, Any, Any], service: Service, said: ManifestSaid) -> Question:
    first = await asked_again(request, service, said)
    if said.compared is not None:
        second = await asked_again(request, service, said.compared)
        return Question(
            moment=first,
            compared=second,
            subject_prefix=said.subject_prefix,
            expected_sha256=said.result_sha256,
        )
    return Question(
        moment=first, compared=await _known_now(request, service, first), subject_prefix=said.subject_prefix
    )


async def _known_now(request: Request[Any, Any, Any], service: Service, said: MomentSaid) -> MomentSaid:
    """Return the same date of the same logs, as known now."""
    time = TimeParameters(as_of=said.as_of, tz=said.tz, certainty=said.certainty, basis=said.basis)
    logs = await asked_logs(request, service.database.pool("reader"), list(said.logs), windowed=True)
    return said_of(await moment_at(request, service, logs, time))


ROUTES = (compare,)
