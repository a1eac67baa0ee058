"""Replays: the state of every stream of logs at a moment, by plain fold, as a job (contract section 2)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta, Struct, field

from api.bodies import read_body
from api.jobs import accept
from api.queries import asked_logs
from api.service import Service
from api.windows import asked_moment
from ledger.domain.codes import CountryCode
from ledger.domain.fact import Basis, Certainty
from ledger.domain.payload import Count, DateOrInstant, Identifier
from ledger.errors import Fault, NotFound, Refused
from ledger.intake import LogInfo
from projections.jobs.question import ManifestSaid, MomentSaid, Prefix, Question, Zone, said_of
from projections.moment import Moment, TimeParameters

LOGS_MAX = 1_000
"""Logs that one question names."""


class NewReplay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment, of which logs, of which subjects; or the manifest of a replay, which says all of that."""

    as_of: DateOrInstant | None = None
    known_at: DateOrInstant | None = None
    sizes: Mapping[Identifier, Count] = field(default_factory=dict[str, int])
    tz: Zone | None = None
    certainty: Certainty = "CERTAIN"
    basis: Basis = "LEDGER"
    logs: Annotated[tuple[Identifier, ...], Meta(max_length=LOGS_MAX)] = ()
    jurisdictions: Annotated[tuple[CountryCode, ...], Meta(max_length=LOGS_MAX)] = ()
    subject_prefix: Prefix | None = None
    format: Literal["ndjson", "csv"] = "ndjson"
    manifest: ManifestSaid | None = None

    @property
    def time(self) -> TimeParameters:
        """The time parameters."""
        return TimeParameters(
            as_of=self.as_of,
            known_at=self.known_at,
            tz=self.tz,
            certainty=self.certainty,
            basis=self.basis,
            size=self.sizes,
        )


BESIDE_A_MANIFEST = frozenset({"manifest", "format"})
"""What may be said with a manifest: all else stands in it."""


@post("/v1/replays", status_code=HTTP_202_ACCEPTED, name="replays", summary="Replay logs to a moment, as a job")
async def replay(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Accept a replay. The question is resolved now: dates, knowledge and logs are those of this moment."""
    asked = read_body(await request.body(), NewReplay)
    said = asked.manifest
    if said is None:
        moment = await asked_anew(request, service, asked)
        question = Question(moment=moment, subject_prefix=asked.subject_prefix, format=asked.format)
        return await accept(request, service, "REPLAY", question)
    check_alone(asked)
    if said.compared is not None:
        raise Refused((Fault("invalid-parameter", "/manifest/and", "is of two moments: post it to /v1/diffs"),))
    question = Question(
        moment=await asked_again(request, service, said),
        subject_prefix=said.subject_prefix,
        format=asked.format,
        expected_sha256=said.result_sha256,
    )
    return await accept(request, service, "REPLAY", question)


async def asked_anew(request: Request[Any, Any, Any], service: Service, asked: NewReplay) -> MomentSaid:
    """Return the moment that is asked, for who asks. Raises Forbidden, UnknownLog, NotFound and Refused."""
    return said_of(await moment_at(request, service, await logs_of(request, service, asked), asked.time))


async def logs_of(request: Request[Any, Any, Any], service: Service, asked: NewReplay) -> list[LogInfo]:
    """Return the logs that are asked: those named, or of these jurisdictions, that the asker may read whole."""
    reader = service.database.pool("reader")
    logs = await asked_logs(request, reader, asked.logs, windowed=True, jurisdictions=asked.jurisdictions)
    if not logs:
        raise NotFound("there is no such log that this token may read whole")
    return logs


async def asked_again(request: Request[Any, Any, Any], service: Service, said: MomentSaid) -> MomentSaid:
    """Return the moment that a manifest says, for who asks.

    Raises as `asked_anew`, and Refused (`other-root`) where a log holds other entries than the manifest is of.
    """
    logs = await asked_logs(request, service.database.pool("reader"), list(said.logs), windowed=True)
    moment = await moment_at(request, service, logs, said.parameters())
    said.check(moment)
    return said_of(moment)


async def moment_at(
    request: Request[Any, Any, Any], service: Service, logs: list[LogInfo], time: TimeParameters
) -> Moment:
    """Resolve time parameters over logs, for who asks."""
    return await asked_moment(request, service, time, logs, views=False)


def check_alone(asked: NewReplay) -> None:
    """Raise Refused where something is said beside a manifest that stands in it."""
    defaults = type(asked)()
    for name in asked.__struct_fields__:
        if name not in BESIDE_A_MANIFEST and getattr(asked, name) != getattr(defaults, name):
            raise Refused((Fault("invalid-parameter", f"/{name}", "stands in the manifest: leave it out"),))


ROUTES = (replay,)
