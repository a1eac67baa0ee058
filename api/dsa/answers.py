"""What the DSA Transparency Database answers: statements as it shows them, and its errors. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins

from api.dsa.fields import EAN
from api.dsa.submission import Errors
from ledger.domain.instants import parse_instant
from ledger.domain.statement import StatementSubmitted, statement_id, statement_uuid

LISTS = ("decision_visibility", "category_addition", "category_specification", "content_type", "territorial_scope")
"""The members that are lists, empty where nothing was said."""
OURS = ("legal_basis", "evidence", "document", "extra")
"""What every event's data may have here, and no statement there."""
SHOWN = tuple(name for name in StatementSubmitted.__struct_fields__ if name not in (*OURS, "puid"))
FOUND, NOT_FOUND = "statement of reason found", "statement of reason not found"
NOT_UNIQUE = "The identifier given is not unique within this platform."
NOT_ALL_UNIQUE = "The platform identifier(s) are not all unique within this call."


def show_statement(statement: StatementSubmitted, slug: str, recorded: datetime, base_url: str) -> dict[str, Any]:
    """Return a statement of a log as it is read: every member, without the platform's own identifier."""
    said = to_builtins(statement)
    ean, uuid = statement.content_id_ean, statement_uuid(slug, statement.puid)
    return {
        **{name: said.get(name, [] if name in LISTS else None) for name in SHOWN},
        "content_id": None if ean is None else {EAN: ean},
        "uuid": str(uuid),
        "created_at": show_time(recorded),
        "platform_name": slug,
        "permalink": f"{base_url}v1/logs/{slug}/events/{statement_id(statement.puid)}",
        "self": f"{base_url}api/v1/statement/{uuid}",
    }


def show_created(statement: StatementSubmitted, slug: str, recordedtime: str, base_url: str) -> dict[str, Any]:
    """Return a statement as who created it is answered: with its own identifier."""
    return {**show_statement(statement, slug, parse_instant(recordedtime), base_url), "puid": statement.puid}


def show_time(moment: datetime) -> str:
    """Write an instant, in UTC, as the database does."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def show_errors(errors: Errors) -> dict[str, Any]:
    """Return what is wrong with one request: the first fault, how many there are besides, and all by field."""
    faults = [fault for of_field in errors.values() for fault in of_field]
    others = len(faults) - 1
    more = f" (and {others} more error{'s' if others > 1 else ''})" if others else ""
    return {"message": f"{faults[0]}{more}", "errors": errors}


def show_errors_of_many(errors: Mapping[int, Errors]) -> dict[str, Any]:
    """Return what is wrong with statements of one request, by their index."""
    return {"errors": {f"statement_{index}": of_one for index, of_one in sorted(errors.items())}}


def show_existing(puid: str) -> dict[str, Any]:
    """Return that a statement of this identifier is there already."""
    return {"message": NOT_UNIQUE, "errors": {"puid": [NOT_UNIQUE]}, "existing": {"puid": puid}}


def show_all_existing(puids: Sequence[str]) -> dict[str, Any]:
    """Return that these identifiers stand twice in a request, or are there already."""
    return {"message": NOT_ALL_UNIQUE, "errors": {"puid": [NOT_ALL_UNIQUE], "existing_puids": list(puids)}}
