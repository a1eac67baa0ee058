"""What belongs into a pack: the streams of a subject, and those that its states name, at the moment of a question."""

from collections.abc import Collection, Iterable
from typing import Any

from msgspec import Struct

from api.evidence.references import references_in
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from projections.inquiry import Inquiry, Known

EVENTS_MAX = 2_000
"""Events of one pack: it is made at once, in memory, and an entry and its receipt take up to 70 KiB."""
REFERENCES_MAX = 100
"""References that are followed; those past it are only named."""


class Reference(Struct, frozen=True, kw_only=True):
    """A subject that a state names, and the log in which it is found; None where it was not, or not looked for."""

    named_by: str
    subject: str
    found_in: str | None


class Gathered(Struct, frozen=True, kw_only=True):
    """The streams of a subject, log by log, and those that were found by reference."""

    streams: list[Known]
    referred: list[Known]
    references: list[Reference]

    @property
    def all(self) -> list[Known]:
        """Every stream, each once, in order of log and subject."""
        every = {(stream.log.slug, stream.subject): stream for stream in (*self.referred, *self.streams)}
        return [every[key] for key in sorted(every)]


async def gather(inquiry: Inquiry, subject: str, whole: Collection[LogInfo]) -> Gathered:
    """Return what a pack about a subject holds. References are followed from the logs that are seen `whole`.

    Raises Refused (`pack-too-large`) past EVENTS_MAX.
    """
    await inquiry.load((at.log.log_id, subject) for at in inquiry.asked)
    found = [inquiry.find(at.log.log_id, subject) for at in inquiry.asked]
    streams = [stream for stream in found if stream is not None]
    referred: list[Known] = []
    references: list[Reference] = []
    seen = {log.log_id for log in whole}
    for stream in streams:
        named = references_in(described(stream), subject) if stream.log.log_id in seen else []
        followed = named[: max(0, REFERENCES_MAX - len(referred))]
        await inquiry.resolve(stream.log.log_id, followed)
        for reference in named:
            other = inquiry.resolved(stream.log.log_id, reference) if reference in followed else None
            referred += [] if other is None else [other]
            slug = None if other is None else other.log.slug
            references.append(Reference(named_by=f"{stream.log.slug} {subject}", subject=reference, found_in=slug))
    gathered = Gathered(streams=streams, referred=referred, references=references)
    _check_size(gathered.all)
    return gathered


def described(stream: Known) -> dict[str, Any] | None:
    """Return the state of a stream at its moment, as JSON values; None before any."""
    state = stream.state()
    return None if state is None else STREAMS[kind_of(stream.subject)].describe(state, stream.moment.as_of)


def _check_size(streams: Iterable[Known]) -> None:
    events = sum(len(stream.recorded) for stream in streams)
    if events > EVENTS_MAX:
        detail = f"comes to {events} events, and a pack holds {EVENTS_MAX}: replay it, and take the log's tiles"
        raise Refused((Fault("pack-too-large", "/subject", detail),))
