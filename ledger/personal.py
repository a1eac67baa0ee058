"""† values of payloads: where they stand, whose they are, and what of them is there once they are erased. Pure."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from ledger.domain.catalogue import EVENTS
from ledger.domain.payload import Payload
from ledger.errors import Fault, Refused
from ledger.shape import Member, marked_members, values_at

PREFIX = "enc:v1:"
"""What ciphertext begins with, and nothing that a client sends: the key's id and base64 follow."""


class PersonalData(Struct, frozen=True, gc=False):
    """The † values of one event's decoded data, in clear, and the data subject whose they are.

    `values` are (JSON pointer, container, key, text). Of those members of the data itself that are identifiers, and
    have a class, only a token is encrypted (`Payload.identifier_classes`).
    """

    subject: str
    data: Any
    values: list[tuple[str, Any, Any, str]]
    classes: Mapping[str, str]


@cache
def personal_members(payload: type[Payload]) -> tuple[Member, ...]:
    """Return the † fields of a payload."""
    return tuple(member for member in marked_members(payload) if member.mark == "personal")


@cache
def subject_field(payload: type[Payload]) -> str:
    """Return the member that names whose data the † fields are."""
    names = payload.__struct_fields__
    return "claimant_subject_id" if "claimant_subject_id" in names else "subject_id"


@cache
def _plain(payload: type[Payload]) -> tuple[tuple[str, str], ...]:
    """Return (name, pointer) of the † fields that stand in the payload itself, as almost all do."""
    members = personal_members(payload)
    return tuple((member.path[0], f"/data/{member.path[0]}") for member in members if len(member.path) == 1)


@cache
def _deep(payload: type[Payload]) -> tuple[tuple[str, ...], ...]:
    """Return the paths of the other † fields."""
    return tuple(member.path for member in personal_members(payload) if len(member.path) > 1)


def personal_values(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    exempt: frozenset[str],
) -> list[tuple[str, Any, Any, Any]]:
    """Return (pointer, container, key, value) of the † values of decoded data that are not exempt."""
    found = [
        (where, data, name, data[name])
        for name, where in _plain(shape)
        if data.get(name) is not None and name not in exempt
    ]
    for path in _deep(shape):
        if path[0] not in exempt:
            found += values_at(data, path, "/data")
    return found


def may_be_personal(event_type: str) -> bool:
    """Return whether an event of this type may hold † fields; one of an unknown type may not."""
    shape = EVENTS.get(event_type)
    return shape is not None and bool(personal_members(shape))


def find_personal(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    whole: Mapping[str, Any] | None = None,
    pointer: str = "/data",
) -> PersonalData | None:
    """Return the † values of decoded data, or of a patch at `pointer` to what is then `whole`; None if there are none.

    Raises Refused, with a fault for each of them, where nobody is named whose they are.
    """
    context: Mapping[str, Any] = data if whole is None else whole
    found = personal_values(shape, data, shape.personal_exempt(context))
    if not found:
        return None
    field = subject_field(shape)
    subject = data.get(field)
    if not isinstance(subject, str):
        detail = f"{field} is needed beside it"
        places = (where.replace("/data", pointer, 1) for where, *_ in found)
        raise Refused(tuple(Fault("pii-without-subject", place, detail) for place in places))
    return PersonalData(subject, data, found, shape.identifier_classes(context))


def take_erased(personal: PersonalData, recorded: Iterable[tuple[str, Any, Any, Any]], key_id: str) -> None:
    """Replace † values, in place, by what was `recorded` of them (`personal_values`) under a key since destroyed.

    So an event that is sent again equals the recorded one: erased values are not compared (contract section 1). A value
    where none was recorded becomes what no ciphertext is, and the two differ.
    """
    prefix = f"{PREFIX}{key_id}:"
    there = {where: text for where, _, _, text in recorded}
    for where, container, key, _ in personal.values:
        text = there.get(where)
        container[key] = text if isinstance(text, str) and text.startswith(prefix) else prefix
