"""What the writers of a race append, and what they keep of the answers."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ledger.intake import EventData
from ledger.judging import Receipt

LOG = "race"
SHARED_LISTINGS = 400
"""Streams that every writer appends to: enough that each stays short, few enough that writers meet in all of them."""
GUARDED_LISTINGS = 4
"""Streams that are only appended to with an expected version."""
BATCH_MAX = 200


class Task(Struct, kw_only=True):
    """What a child process is to do. `writers` are names, each a writer of its own."""

    data: str
    answers: str
    writers: list[str]
    events: int = 0
    unlocked: bool = False
    appends_at_once: int = 0


class Answered(Struct, frozen=True):
    """One answered request: the receipts of its events, in order."""

    writer: str
    receipts: list[Receipt]


class Summary(Struct, frozen=True):
    """What a child says at its end: how often a version was taken by another, and what else it was answered."""

    conflicts: int
    complaints: list[str]


def listing(name: str) -> str:
    return f"listing:{LOG}:{name}"


def event(event_id: str, subject: str, kind: str, data: Mapping[str, object], **more: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/race/moderation",
        "type": kind,
        "subject": subject,
        "time": "2025-03-01T02:00:00Z",
        "data": data,
        **more,
    }


def published(event_id: str, subject: str, **more: object) -> dict[str, Any]:
    return event(event_id, subject, "ListingPublished", {"title": f"offer {event_id}"}, **more)


def blocked(event_id: str, subject: str) -> dict[str, Any]:
    data = {
        "restriction_id": f"R-{event_id}",
        "territorial_scope": ["ID"],
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    }
    return event(event_id, subject, "ListingBlocked", data)


def reinstated(event_id: str, block_id: str, subject: str) -> dict[str, Any]:
    data = {"restriction_id": f"R-{block_id}"}
    return event(event_id, subject, "ListingReinstated", data, time="2025-03-02T02:00:00Z")


def batches(writer: str, events: int) -> Iterator[list[dict[str, Any]]]:
    """Yield batches of 1 to BATCH_MAX events, `events` in all: most about shared streams."""
    chance = random.Random(writer)
    number = 0
    while number < events:
        size = min(chance.choice((1, 2, 5, 20, 60, chance.randint(1, BATCH_MAX))), events - number)
        batch: list[dict[str, Any]] = []
        while len(batch) < size:
            event_id = f"{writer}-{number + len(batch)}"
            shared = chance.random() < 0.8
            subject = listing(f"S{chance.randrange(SHARED_LISTINGS)}" if shared else f"{writer}-{number // 50}")
            batch.append(published(event_id, subject) if chance.random() < 0.7 else blocked(event_id, subject))
            if batch[-1]["type"] == "ListingBlocked" and len(batch) < size:
                batch.append(reinstated(f"{writer}-{number + len(batch)}", event_id, subject))
        number += size
        yield batch


def as_events(batch: list[dict[str, Any]]) -> list[EventData]:
    return msgspec.json.decode(msgspec.json.encode(batch), type=list[EventData])


def read_answers(path: Path) -> list[Answered]:
    return [msgspec.json.decode(line, type=Answered) for line in path.read_bytes().splitlines()]
