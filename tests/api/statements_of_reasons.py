"""Statements of reasons for tests: one that is sound, those of `shared`, and how they are sent."""

from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from tests.api.desk import RIVAL, Desk, Json
from tests.shared import shared_path

ONE, MANY = "/api/v1/statement", "/api/v1/statements"
WHO, PLATFORM = "other", RIVAL
"""A token of one log, which is the platform."""
END = "2999-01-01T00:00:00Z"
"""After everything."""
BASE: dict[str, Any] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "category": "STATEMENT_CATEGORY_ANIMAL_WELFARE",
    "illegal_content_legal_ground": "section 3",
    "illegal_content_explanation": "the sale of wild animals is forbidden",
    "puid": "TK421",
    "territorial_scope": ["BE", "DE", "FR"],
    "source_type": "SOURCE_ARTICLE_16",
    "source_identity": "an association",
    "decision_facts": "a notice with photographs",
    "content_type": ["CONTENT_TYPE_PRODUCT"],
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "application_date": "2023-05-18",
    "content_date": "2023-05-17",
}


def statement(puid: str = "TK421", **said: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a sound statement of this puid, with these members instead of its own."""
    return {**BASE, "puid": puid, **said}


def real_statements(day: str) -> list[dict[str, Any]]:
    """Return the statements of a day as their platforms sent them."""
    lines = shared_path(f"dsa/statements_{day}.jsonl").read_bytes()
    return [record["payload"] for record in msgspec.json.Decoder(dict[str, Any]).decode_lines(lines)]


async def submit(desk: Desk, sent: object, path: str = ONE, who: str | None = WHO, **query: Json) -> httpx.Response:
    """Send one statement, or what else is said."""
    return await desk.ask("POST", path, who=who, content=msgspec.json.encode(sent), **query)


async def submit_many(desk: Desk, sent: Sequence[dict[str, Any]], **query: Json) -> httpx.Response:
    """Send many statements in one request."""
    return await submit(desk, {"statements": sent}, MANY, **query)


async def read_back(desk: Desk, uuid: str) -> dict[str, Any]:
    """Return a statement as it is read."""
    shown: dict[str, Any] = await desk.get(f"{ONE}/{uuid}", who=WHO)
    return shown
