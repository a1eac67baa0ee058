"""What a job is asked. It is resolved when it is accepted: the same question, whenever a process comes to it. Pure.

A manifest is such a question too, with what came of it: posted again it is asked again.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ledger.domain.fact import Basis, Certainty
from ledger.domain.payload import Count, Identifier, Instant, Sha256
from ledger.errors import Fault, Refused
from projections.moment import Moment, TimeParameters

Kind: TypeAlias = Literal["REPLAY", "DIFF"]
Form: TypeAlias = Literal["ndjson", "csv"]
Prefix: TypeAlias = Identifier
"""What subjects begin with: what they may hold, and no more of it than they."""
Zone: TypeAlias = Annotated[str, Meta(max_length=64)]


class LogSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A log as far as it was known: its first `size` entries, and the root over them."""

    size: Count
    root: Sha256


class MomentSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment as every answer says it (`Moment.describe`)."""

    as_of: Instant
    known_at: Instant | None = None
    tz: Zone | None = None
    certainty: Certainty = "CERTAIN"
    basis: Basis = "LEDGER"
    logs: Annotated[dict[Identifier, LogSaid], Meta(min_length=1)]

    def parameters(self) -> TimeParameters:
        """Return the time parameters that give this moment again."""
        return TimeParameters(
            as_of=self.as_of,
            known_at=self.known_at,
            tz=self.tz,
            certainty=self.certainty,
            basis=self.basis,
            size={slug: log.size for slug, log in self.logs.items()},
        )

    def check(self, moment: Moment) -> None:
        """Raise Refused (`other-root`) where a log of the moment holds other entries than were meant here."""
        for at in moment.logs:
            said = self.logs[at.log.slug]
            if said.root != at.root.hex():
                detail = f"log {at.log.slug} has another root at size {said.size}: these are not the entries meant"
                raise Refused((Fault("other-root", f"/manifest/logs/{at.log.slug}/root", detail),))


class ManifestSaid(MomentSaid, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manifest as it was given out (`Manifest.describe`). What it does not say is not compared."""

    compared: MomentSaid | None = msgspec.field(name="and", default=None)
    subject_prefix: Prefix | None = None
    fold_version: Count | None = None
    tzdata_version: Annotated[str, Meta(max_length=64)] | None = None
    event_count: Count | None = None
    subject_count: Count | None = None
    result_sha256: Sha256 | None = None


class Question(Struct, frozen=True, kw_only=True):
    """What a job works out: the state of every stream at a moment, or what differs from it at another one.

    `expected_sha256` is that of the lines which the manifest that was posted says.
    """

    moment: MomentSaid
    compared: MomentSaid | None = None
    subject_prefix: str | None = None
    format: Form = "ndjson"
    expected_sha256: str | None = None


def said_of(moment: Moment) -> MomentSaid:
    """Return a moment as answers say it."""
    return msgspec.convert(moment.describe(), MomentSaid)
