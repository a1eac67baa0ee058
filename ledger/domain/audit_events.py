"""Records of the ledger about itself: holds, erasures, accesses, replays, findings, anchors (domain.md 7.10).

All count from when the ledger recorded them. None is refused for coming in an odd order: a hold released twice, an
erasure nobody asked for and a tree that shrank are facts that somebody must be able to find.
"""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_public import AnchorKind, DeferralGround, RuleSeverity
from ledger.domain.free_json import FreeObject, check_free
from ledger.domain.payload import (
    Block,
    Code,
    Count,
    DateOrInstant,
    EventId,
    Identifier,
    Name,
    Payload,
    Sha256,
    SubjectId,
    Text,
    TimeClass,
)
from ledger.domain.signing_events import SIGNING_EVENTS

AUDIT = ("audit",)
SUBJECT = ("subject",)
LEDGER = ("ledger",)
HELD = ("subject", "ledger")
"""A hold is on one data subject, or wider: on what its scope says."""
Scope = Text | Annotated[tuple[Text, ...], Meta(max_length=1_000)]
Root = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/_=-]{1,128}$(?!\n)", max_length=128)]
"""A root hash, in hex or base64."""


class LegalHoldPlaced(Payload, frozen=True, kw_only=True):
    """Nothing within the scope may be erased until the hold is released."""

    event_type: ClassVar[str] = "LegalHoldPlaced"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = HELD

    scope: Scope | None = None
    authority: Name | None = None
    until: DateOrInstant | None = None


class LegalHoldReleased(Payload, frozen=True, kw_only=True):
    """All holds on the subject, or where a scope is named those of this scope, are over."""

    event_type: ClassVar[str] = "LegalHoldReleased"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = HELD

    scope: Scope | None = None
    authority: Name | None = None
    reason: Text | None = None


class ErasureRequested(Payload, frozen=True, kw_only=True):
    """A data subject wants its data erased."""

    event_type: ClassVar[str] = "ErasureRequested"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = SUBJECT

    subject_id: SubjectId
    request_ref: Identifier
    received_at: DateOrInstant


class ErasureDeferred(Payload, frozen=True, kw_only=True):
    """An erasure waits, on a ground of law; `restricted` says whether the data is kept from use meanwhile."""

    event_type: ClassVar[str] = "ErasureDeferred"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = SUBJECT

    until: DateOrInstant
    ground: DeferralGround | None = None
    restricted: bool | None = None
    subject_id: SubjectId | None = None
    request_ref: Identifier | None = None


class ErasureExecuted(Payload, frozen=True, kw_only=True):
    """A data subject's key was destroyed, and with it everything encrypted under it."""

    event_type: ClassVar[str] = "ErasureExecuted"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = SUBJECT

    key_id: Identifier
    backups_expire_on: DateOrInstant
    basis: Text | None = None
    fields_count: Count | None = None
    subject_id: SubjectId | None = None
    request_ref: Identifier | None = None


class RecordsAccessed(Payload, frozen=True, kw_only=True):
    """Somebody read records that are not public."""

    event_type: ClassVar[str] = "RecordsAccessed"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = AUDIT

    query_sha256: Sha256 | None = None
    scope: Scope | None = None
    purpose: Text | None = None
    rows: Count | None = None
    pii_unmasked: Count | None = None


class ReplayExecuted(Payload, frozen=True, kw_only=True):
    """State at a date was worked out from the log; the manifest says of which."""

    event_type: ClassVar[str] = "ReplayExecuted"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = AUDIT

    manifest: FreeObject | Text | None = None

    def check(self) -> None:
        """A manifest is canonical JSON."""
        if not isinstance(self.manifest, str):
            check_free("manifest", self.manifest)


class ExportProduced(Payload, frozen=True, kw_only=True):
    """Records left the ledger, for these recipients."""

    event_type: ClassVar[str] = "ExportProduced"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = AUDIT

    manifest: FreeObject | Text | None = None
    recipients: Annotated[tuple[Identifier, ...], Meta(max_length=300)] | None = None

    def check(self) -> None:
        """A manifest is canonical JSON."""
        if not isinstance(self.manifest, str):
            check_free("manifest", self.manifest)


class AuditFindingRecorded(Payload, frozen=True, kw_only=True):
    """An auditor found something."""

    event_type: ClassVar[str] = "AuditFindingRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = AUDIT

    finding_id: Identifier | None = None
    finding: Text | None = None
    severity: RuleSeverity | None = None
    confidence: Code | None = None
    subject_refs: Annotated[tuple[Identifier, ...], Meta(max_length=300)] | None = None
    event_ids: Annotated[tuple[EventId, ...], Meta(max_length=300)] | None = None
    recommendation: Text | None = None
    due: DateOrInstant | None = None


class TenantClosed(Payload, frozen=True, kw_only=True):
    """A tenant left the ledger, and its keys were destroyed."""

    event_type: ClassVar[str] = "TenantClosed"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = LEDGER

    tenant: Identifier
    ground: Text | None = None
    keys_destroyed: Count | None = None


class Anchor(Block, frozen=True, kw_only=True):
    """Where outside the ledger a checkpoint is kept."""

    kind: AnchorKind
    ref: Text


class CheckpointAnchored(Payload, frozen=True, kw_only=True):
    """A checkpoint was signed, or put where the ledger cannot change it."""

    event_type: ClassVar[str] = "CheckpointAnchored"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = LEDGER

    tree_size: Count
    root_hash: Root
    signature: Text | None = None
    external: Anchor | None = None


HOLD_EVENTS: tuple[type[Payload], ...] = (LegalHoldPlaced, LegalHoldReleased)
SUBJECT_EVENTS: tuple[type[Payload], ...] = (*HOLD_EVENTS, ErasureRequested, ErasureDeferred, ErasureExecuted)
AUDIT_EVENTS: tuple[type[Payload], ...] = (RecordsAccessed, ReplayExecuted, ExportProduced, AuditFindingRecorded)
LEDGER_EVENTS: tuple[type[Payload], ...] = (*HOLD_EVENTS, TenantClosed, CheckpointAnchored, *SIGNING_EVENTS)
