"""What is told of an event beside its data: what its type means, how late it came, what corrections changed. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from api.pages.formats import Formats
from api.pages.members import Member, members_of
from ledger.domain.catalogue import EVENTS

SECONDS_OF_AN_HOUR = 3_600


class Change(Struct, frozen=True, kw_only=True):
    """What a correction has changed of an event: a member before and after; None: it was not there."""

    path: str
    before: Member | None
    after: Member | None


def meaning_of(event_type: str) -> str:
    """Return what an event of a type says, in one English sentence; nothing for a type that there is none of.

    It is the first of the type's own description: those after it are for who sends such events.
    """
    known = EVENTS.get(event_type)
    first, ending, _ = " ".join(((known and known.__doc__) or "").split()).partition(". ")
    return first + ending.rstrip()


def lateness_of(event: Mapping[str, Any]) -> float:
    """Return how many hours after it took effect an event was recorded."""
    recorded, time = (datetime.fromisoformat(event[name]) for name in ("recordedtime", "time"))
    return (recorded - time).total_seconds() / SECONDS_OF_AN_HOUR


def day_of(event: Mapping[str, Any], language: str) -> str | None:
    """Return the local date of an event that is known to the day, month or year only; None for one known exactly."""
    if event["timeprecision"] == "INSTANT":
        return None
    return Formats(language, event["timezone"]).day(event["time"])


def changes_of(correction: Mapping[str, Any]) -> list[Change]:
    """Return what a correction, as `/v1/corrections` lists it, has changed, member by member."""
    before, after = (_by_path(correction[side] or {}) for side in ("before", "after"))
    return [
        Change(path=path, before=before.get(path), after=after.get(path))
        for path in dict.fromkeys((*before, *after))
        if before.get(path) != after.get(path)
    ]


def _by_path(shown: Mapping[str, Any]) -> dict[str, Member]:
    return {member.path.removeprefix("data."): member for member in members_of(shown)}
