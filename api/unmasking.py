"""Personal data in clear, for those who may, each time for a purpose that is recorded before the answer leaves.

Values are decrypted for one answer and kept nowhere. Of an erased person everybody reads `[ERASED]`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request
from msgspec import UNSET, Struct

from api.auth import credential_of, must_unmask
from api.queries import one
from api.reading import scope_of
from api.service import Service
from ledger.domain.catalogue import EVENTS
from ledger.domain.corrections import EventCorrected
from ledger.domain.fact import Fact
from ledger.entry import unmasked
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.keys import Sealed
from ledger.personal import personal_values, subject_field
from ledger.rights import CITES_BASIS
from ledger.store import read_streams

UNMASK = "unmask"
"""The parameter that says what for."""
PURPOSE_MAX = 500
BASIS = "basis:"
"""With which an authority's purpose names its legal basis: `inspection 12; basis: UU 27/2022 art. 15`."""


class Case(Struct, frozen=True):
    """Streams of one log whose events are shown, and the size up to which they are."""

    log: LogInfo
    subjects: Sequence[str]
    size: int


def asked_purpose(request: Request[Any, Any, Any], given: Mapping[str, Sequence[str]], log: LogInfo) -> str | None:
    """Return for what personal data of a log is to be unmasked; None where it is not asked for.

    Raises Forbidden where who asks may not, and Refused for a purpose that does not say enough.
    """
    purpose = one(given, UNMASK)
    if purpose is None:
        return None
    credential = credential_of(request)
    must_unmask(credential, log)
    if len(purpose) > PURPOSE_MAX or not purpose.strip():
        raise Refused((Fault("invalid-parameter", f"/{UNMASK}", f"says in 1 to {PURPOSE_MAX} characters what for"),))
    named = purpose.partition(BASIS)[2]
    if credential.role in CITES_BASIS and not named.strip():
        raise Refused((Fault("invalid-parameter", f"/{UNMASK}", f"names the legal basis, after `{BASIS}`"),))
    return purpose


async def reveal(
    request: Request[Any, Any, Any], service: Service, case: Case, entries: Sequence[bytes], purpose: str
) -> list[bytes]:
    """Return entries of these streams with their personal values in clear, and record that they are."""
    clear, destroyed = await _clear_values(service, case), await service.destroyed(case.log)
    revealed = [unmasked(entry, clear, destroyed) for entry in entries]
    scope = [scope_of(case.log, subject) for subject in case.subjects]
    asked = hashlib.sha256(f"{request.url.path}?{request.url.query}".encode()).hexdigest()
    values = sum(count for _, count in revealed)
    await service.accesses.unmasked(credential_of(request), scope, purpose, asked, len(entries), values)
    return [entry for entry, _ in revealed]


async def _clear_values(service: Service, case: Case) -> dict[str, str]:
    """Return the clear text of every † value in these streams that is there, by its ciphertext."""
    streams = await read_streams(service.database.pool("reader"), case.log.log_id, case.subjects, case.size)
    sealed = [value for facts in streams.values() for value in _sealed_values(facts)]
    clear = await service.keys.reveal(case.log, sealed)
    return {value.text: text for value, text in zip(sealed, clear, strict=True) if text is not None}


def _sealed_values(facts: Sequence[Fact]) -> Iterator[Sealed]:
    """Yield the † values of a stream; what a correction sets is sealed as its target's are."""
    by_id = {fact.id: fact for fact in facts}
    for fact in facts:
        data: Any = msgspec.json.decode(fact.data)
        match fact.payload:
            case EventCorrected(target_event_id=target_id, set=changes) if changes.data is not UNSET:
                target = by_id.get(target_id)
                if target is not None:
                    own: Any = msgspec.json.decode(target.data)
                    yield from _values_of(target, {**own, **data["set"]["data"]})
            case _:
                yield from _values_of(fact, data)


def _values_of(fact: Fact, data: Any) -> Iterator[Sealed]:  # noqa: ANN401 - decoded JSON
    shape = EVENTS[fact.type]
    subject = data.get(subject_field(shape))
    if isinstance(subject, str):
        for pointer, _, _, text in personal_values(shape, data, shape.personal_exempt(data)):
            if isinstance(text, str):
                yield Sealed(subject, fact.id, pointer, text)
