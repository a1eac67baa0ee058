"""Records of a log about its own signatures: reopened after a loss, signed by another key (formats.md 2, 3).

Anybody may say so, as of everything in a ledger; believed are those that the ledger itself recorded (role SYSTEM).
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.payload import Count, Duration, Payload, Text, TimeClass
from ledger.domain.value import Value

LEDGER = ("ledger",)
Origin = Annotated[str, Meta(pattern=r"^[!-*,-~]{1,300}$(?!\n)", max_length=300)]
"""The origin of a log, which begins its checkpoints: printable ASCII without blanks and `+`."""
VerifierKey = Annotated[
    str, Meta(pattern=r"^[!-*,-~]{1,300}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{1,100}$(?!\n)", max_length=500)
]
"""A public key as C2SP writes it (vkey): its name is the origin that it signs for."""
RootHash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", max_length=64)]


class LogReopened(Payload, frozen=True, kw_only=True):
    """A loss was accepted: what was signed of the previous origin beyond this size is gone, and a new origin begins."""

    event_type: ClassVar[str] = "LogReopened"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = LEDGER

    # The last that was signed and still stands; below, the highest that ever was, and is lost.
    previous_origin: Origin
    previous_size: Count
    previous_root: RootHash
    origin: Origin
    key: VerifierKey
    signed_size: Count | None = None
    signed_root: RootHash | None = None
    reason: Text | None = None


class SigningKeyRotated(Payload, frozen=True, kw_only=True):
    """Another key signs from now on; those before it sign beside it for a while, so that who trusts them can follow."""

    event_type: ClassVar[str] = "SigningKeyRotated"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = LEDGER

    origin: Origin
    key: VerifierKey
    previous_keys: Annotated[tuple[VerifierKey, ...], Meta(max_length=100)]
    overlap: Duration | None = None


class Reopening(Value, frozen=True, kw_only=True):
    """A log that was reopened."""

    reopened_by: str
    reopened_at: str
    previous_origin: str
    previous_size: int
    previous_root: str
    origin: str
    key: str
    signed_size: int | None = None
    signed_root: str | None = None
    reason: str | None = None


class KeyRotation(Value, frozen=True, kw_only=True):
    """A key that took over."""

    rotated_by: str
    rotated_at: str
    origin: str
    key: str
    previous_keys: tuple[str, ...]
    overlap: str | None = None


def reopening(payload: LogReopened, event_id: str, at: str) -> Reopening:
    """Return what a state keeps of a reopening, recorded `at` this instant."""
    names = (
        "previous_origin",
        "previous_size",
        "previous_root",
        "origin",
        "key",
        "signed_size",
        "signed_root",
        "reason",
    )
    return Reopening(reopened_by=event_id, reopened_at=at, **{name: getattr(payload, name) for name in names})


def key_rotation(payload: SigningKeyRotated, event_id: str, at: str) -> KeyRotation:
    """Return what a state keeps of a rotation, recorded `at` this instant."""
    names = ("origin", "key", "previous_keys", "overlap")
    return KeyRotation(rotated_by=event_id, rotated_at=at, **{name: getattr(payload, name) for name in names})


SIGNING_EVENTS: tuple[type[Payload], ...] = (LogReopened, SigningKeyRotated)
