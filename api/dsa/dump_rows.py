"""Rows of the daily files of statements: the DSA Transparency Database's columns and its way of writing values. Pure.

`full` has 38 columns; `light` is without the four that take most of the room. `changes` is ours: there, files of past
days are written anew, and every copy is another truth.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from api.dsa.answers import show_time
from ledger.domain.statement import StatementSubmitted, statement_uuid

Variant = Literal["full", "light", "changes"]
VARIANTS: tuple[Variant, ...] = ("full", "light", "changes")
FULL = (
    "uuid",
    "decision_visibility",
    "decision_visibility_other",
    "end_date_visibility_restriction",
    "decision_monetary",
    "decision_monetary_other",
    "end_date_monetary_restriction",
    "decision_provision",
    "end_date_service_restriction",
    "decision_account",
    "end_date_account_restriction",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_type",
    "content_type_other",
    "content_language",
    "content_date",
    "content_id_ean",
    "territorial_scope",
    "application_date",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "platform_name",
    "platform_uid",
    "created_at",
)
HEAVY = frozenset(
    {"illegal_content_explanation", "incompatible_content_explanation", "territorial_scope", "decision_facts"}
)
LIGHT = tuple(name for name in FULL if name not in HEAVY)
CHANGES = ("changed_at", "change", "reason_code", "dump_date", *FULL)
"""What was corrected or voided on a day, in the file of which day it stands, and how it reads since (or read last)."""
COLUMNS: dict[Variant, Sequence[str]] = {"full": FULL, "light": LIGHT, "changes": CHANGES}
MIDNIGHT = " 00:00:00"
"""What the database writes after a date."""


def statement_row(statement: StatementSubmitted, slug: str, recorded: datetime) -> dict[str, str]:
    """Return a statement of a log by column."""
    said: dict[str, Any] = msgspec.to_builtins(statement)
    row = {name: _written(name, said.get(name)) for name in FULL}
    row["uuid"] = str(statement_uuid(slug, statement.puid))
    row["platform_name"], row["platform_uid"], row["created_at"] = slug, statement.puid, show_time(recorded)
    return row


def change_row(
    statement: dict[str, str], recorded: datetime, change: str, reason: str, changed: datetime
) -> dict[str, str]:
    """Return what became of a statement, given its row since (or its last), and when it was recorded."""
    told = {"changed_at": show_time(changed), "change": change, "reason_code": reason}
    return {**told, "dump_date": day_of(recorded).isoformat(), **statement}


def day_of(recorded: datetime) -> date:
    """Return the day in whose file a statement is: that of the ledger's clock, in UTC."""
    return recorded.date()


def _written(name: str, value: Any) -> str:  # noqa: ANN401 - JSON
    if value is None:
        return ""
    if not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if name.endswith("_date") or name.startswith("end_date_"):
        return value + MIDNIGHT
    return value.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def format_rows(variant: Variant, rows: Iterable[dict[str, str]]) -> bytes:
    """Return rows of a file as CSV (RFC 4180, lines that end as the database's do)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([row[name] for name in COLUMNS[variant]] for row in rows)
    return text.getvalue().encode()


def format_header(variant: Variant) -> bytes:
    """Return the first line of a file."""
    return (",".join(COLUMNS[variant]) + "\n").encode()
