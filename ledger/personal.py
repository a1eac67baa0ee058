"""† values of payloads: where they stand, whose they are, and what of them is there once they are erased. Pure."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from ledger.domain.payload import Payload
from ledger.shape import Member, marked_members, values_at

PREFIX = "enc:v1:"
"""What ciphertext begins with, and nothing that a client sends: the key's id and base64 follow."""


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
def _places(payload: type[Payload]) -> tuple[tuple[str, str, tuple[str, ...] | None], ...]:
    """Return (name, pointer, path) of each † field; no path where it stands in the payload itself."""
    return tuple(
        (member.path[0], f"/data/{member.path[0]}", member.path if len(member.path) > 1 else None)
        for member in personal_members(payload)
    )


def personal_values(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    exempt: frozenset[str],
) -> Iterator[tuple[str, Any, Any, Any]]:
    """Yield (pointer, container, key, value) of the † values of decoded data that are not exempt."""
    for name, where, path in _places(shape):
        if name in exempt:
            continue
        if path is not None:
            yield from values_at(data, path, "/data")
        elif (value := data.get(name)) is not None:  # as `values_at` has it, and almost every one
            yield where, data, name, value


def find_subject(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    exempt: frozenset[str],
) -> str | None:
    """Return the data subject whose key the † values of decoded data need; None where there is none, or no values."""
    subject = data.get(subject_field(shape))
    if not isinstance(subject, str) or next(personal_values(shape, data, exempt), None) is None:
        return None
    return subject


def take_erased(
    shape: type[Payload],
    data: Any,  # noqa: ANN401 - JSON
    recorded: Any,  # noqa: ANN401 - JSON
    key_id: str,
    exempt: frozenset[str],
) -> None:
    """Replace the † values of decoded `data`, in place, by what was recorded of them under a key since destroyed.

    So an event that is sent again equals the recorded one: erased values are not compared (contract section 1). A value
    where none was recorded becomes what no ciphertext is, and the two differ.
    """
    prefix = f"{PREFIX}{key_id}:"
    there = {where: text for where, _, _, text in personal_values(shape, recorded, exempt)}
    for where, container, key, _ in personal_values(shape, data, exempt):
        text = there.get(where)
        container[key] = text if isinstance(text, str) and text.startswith(prefix) else prefix
