"""From what a platform sends to the data of `StatementSubmitted`: cleaned, judged, settled. Pure.

As the database does: unknown members are passed over, texts are trimmed and empty ones are none, what does not count
beside the rest of the statement is dropped, and lists hold each code once, in order.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from api.dsa.fields import DECISIONS, EAN, Field, Version, fields_of
from ledger.domain.catalogue import decode_payload
from ledger.domain.json_values import is_array, is_object
from ledger.domain.statement import StatementSubmitted

Errors = dict[str, list[str]]
"""What is wrong, by field."""
CONTENT_ID, CONTENT_ID_EAN = "content_id", f"content_id.{EAN}"
_UNSORTED = "category_addition"
"""The one list that keeps its order."""


class Rejected(Exception):
    """A statement breaks rules of the database."""

    def __init__(self, errors: Errors) -> None:
        """Take what is wrong."""
        super().__init__("; ".join(errors))
        self.errors = errors


class Submission(Struct, frozen=True):
    """A statement that was accepted: the data of its event, in the version of its codes."""

    data: bytes
    version: Version
    statement: StatementSubmitted
    """The same, in the codes of today."""


def read_submission(raw: object, version: Version) -> Submission:
    """Return a statement that was sent. Raises Rejected with everything that is wrong."""
    fields = fields_of(version)
    cleaned = {name: _cleaned(value) for name, value in raw.items()} if is_object(raw) else {}
    content_id = cleaned.get(CONTENT_ID)
    cleaned[CONTENT_ID_EAN] = content_id.get(EAN) if is_object(content_id) else None
    given = {field.name: cleaned.get(field.name) for field in fields if _counts(field, cleaned)}
    errors = {field.name: [fault] for field in fields if (fault := _fault(field, given)) is not None}
    if errors:
        raise Rejected(errors)
    given["content_id_ean"] = given["content_id_ean"] or given[CONTENT_ID_EAN]
    kept = {name: value for name, value in given.items() if value is not None}
    kept.pop(CONTENT_ID, None)
    kept.pop(CONTENT_ID_EAN, None)
    data = msgspec.json.encode({name: _settled(name, value, kept["category"]) for name, value in kept.items()})
    statement = decode_payload(StatementSubmitted.event_type, version, data)
    assert isinstance(statement, StatementSubmitted)  # noqa: S101 - narrows for the type checker
    return Submission(data, version, statement)


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - decoded JSON
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if is_array(value):
        return [_cleaned(one) for one in value]
    if is_object(value):
        return {name: _cleaned(one) for name, one in value.items()}
    return value


def _counts(field: Field, statement: Mapping[str, Any]) -> bool:
    return field.when is None or field.when.holds(statement)


def _fault(field: Field, given: Mapping[str, Any]) -> str | None:
    """Return the first thing that is wrong with a field, where it counts."""
    if field.name not in given:
        return None
    value = given[field.name]
    spared = field.name in DECISIONS and any(given.get(name) for name in DECISIONS)
    if value is None or (value == [] and field.missing is not None and not spared):
        return None if spared else field.missing
    faults = (check(field.name, value) for check in field.checks)
    return next((fault for fault in faults if fault is not None), None)


def _settled(name: str, value: Any, category: str) -> Any:  # noqa: ANN401 - decoded JSON
    if not is_array(value):
        return value
    codes: list[str] = list(dict.fromkeys(value))
    return [code for code in codes if code != category] if name == _UNSORTED else sorted(codes)
