"""The ledger's own stream: tenants that left, checkpoints anchored, wide holds, what logs sign by (domain.md 4, 7.10).

Of what may happen without end (anchors) a state keeps the count and the last: the events themselves are the record.
"""

from datetime import datetime
from typing import Any

import msgspec

from ledger.domain.audit import Held, describe_holds, held_after, hold_expiries, is_held
from ledger.domain.audit_events import LEDGER_EVENTS, Anchor, CheckpointAnchored, TenantClosed
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.signing_events import KeyRotation, LogReopened, Reopening, SigningKeyRotated, key_rotation, reopening
from ledger.domain.stream import Stream
from ledger.domain.value import Value


class ClosedTenant(Value, frozen=True, kw_only=True):
    """A tenant that left."""

    tenant: str
    closed_by: str
    closed_at: str
    ground: str | None = None
    keys_destroyed: int | None = None


class AnchoredCheckpoint(Value, frozen=True, kw_only=True):
    """A checkpoint that was anchored."""

    anchored_by: str
    anchored_at: str
    tree_size: int
    root_hash: str
    signature: str | None = None
    external: Anchor | None = None


class Ledger(Held, frozen=True, kw_only=True):
    """State of the ledger's own stream: last checkpoint anchored, tenants that left, wide holds, what logs sign by."""

    checkpoints: int = 0
    checkpoint: AnchoredCheckpoint | None = None
    tenants_closed: tuple[ClosedTenant, ...] = ()
    reopenings: tuple[Reopening, ...] = ()
    key_rotations: tuple[KeyRotation, ...] = ()


def begin_ledger(subject: str) -> Ledger:
    """Return the state before any event."""
    return Ledger(id=subject)


def apply_ledger(state: Ledger, fact: Fact) -> Ledger:
    """Return the state after one more event."""
    state = msgspec.structs.replace(state, version=state.version + 1, holds=held_after(state.holds, fact))
    at = format_instant(fact.recordedtime)
    match fact.payload:
        case TenantClosed(tenant=tenant, ground=ground, keys_destroyed=keys_destroyed):
            closed = ClosedTenant(
                tenant=tenant, closed_by=fact.id, closed_at=at, ground=ground, keys_destroyed=keys_destroyed
            )
            return msgspec.structs.replace(state, tenants_closed=(*state.tenants_closed, closed))
        case CheckpointAnchored() as anchored:
            checkpoint = AnchoredCheckpoint(
                anchored_by=fact.id,
                anchored_at=at,
                tree_size=anchored.tree_size,
                root_hash=anchored.root_hash,
                signature=anchored.signature,
                external=anchored.external,
            )
            return msgspec.structs.replace(state, checkpoints=state.checkpoints + 1, checkpoint=checkpoint)
        case LogReopened() as reopened:
            return msgspec.structs.replace(state, reopenings=(*state.reopenings, reopening(reopened, fact.id, at)))
        case SigningKeyRotated() as rotated:
            rotations = (*state.key_rotations, key_rotation(rotated, fact.id, at))
            return msgspec.structs.replace(state, key_rotations=rotations)
        case _:
            return state


def describe_ledger(state: Ledger, moment: datetime) -> dict[str, Any]:
    """Return the ledger's own stream at `moment` as JSON values."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["checkpoints"] = state.checkpoints
    item["held"] = is_held(state, moment)
    item["holds"] = describe_holds(state.holds, moment)
    return item


LEDGER_STREAM = Stream(
    kind="ledger",
    pattern=r"^ledger:[!-~]+$",
    events=LEDGER_EVENTS,
    begin=begin_ledger,
    apply=apply_ledger,
    describe=describe_ledger,
    expiries=hold_expiries,
    rules={},
)
