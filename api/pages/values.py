"""What a value of the API is, so that a page can show it: a date as a date, a subject and an event as links."""

import re
from datetime import date
from typing import Any, Literal, TypeAlias

from ledger.domain.catalogue import STREAMS
from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object

Sort: TypeAlias = Literal["nothing", "truth", "number", "time", "subject", "event", "list", "object", "text"]
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
EVENT_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}$")
"""An event's id (contract section 1)."""
EVENT_MEMBERS = frozenset({"id", "event", "target", "trigger", "target_event_id", "request_event_id", "decided_in"})
"""Members that name an event of the same log; so do those that end with EVENT_ENDING."""
EVENT_ENDING = "_by"
NO_EVENT_MEMBERS = frozenset(
    {"approved_by", "attested_by", "cure_by", "decided_by", "hidden_by", "human_reviewed_by", "undetermined_by"}
)
"""Members that end so and name a person, a date or a cause."""
NO_EVENTS = frozenset({"PERIODIC"})
"""What begins a deadline that no event begins."""


def sort_of(name: str, value: Any) -> Sort:  # noqa: ANN401 - decoded JSON
    """Return what a member of this name holds."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "truth"
        case int() | float():
            return "number"
        case str():
            return _sort_of_text(name, value)
        case list():
            return "list"
        case _:
            return "object"


def _sort_of_text(name: str, text: str) -> Sort:
    if is_time(text):
        return "time"
    if is_subject(text):
        return "subject"
    return "event" if _names_event(name) and text not in NO_EVENTS and EVENT_ID.match(text) else "text"


def is_time(text: str) -> bool:
    """Tell whether a text is an instant (RFC 3339) or a date."""
    try:
        if DAY.match(text):
            date.fromisoformat(text)
        else:
            parse_instant(text)
    except ValueError:
        return False
    return True


def is_subject(text: str) -> bool:
    """Tell whether a text names a stream: `kind:native` or `kind:namespace:native` (domain.md section 4)."""
    kind, colon, native = text.partition(":")
    return bool(colon and native) and kind in STREAMS and " " not in text


def _names_event(name: str) -> bool:
    return name in EVENT_MEMBERS or (name.endswith(EVENT_ENDING) and name not in NO_EVENT_MEMBERS)


def subjects_in(value: object) -> list[str]:
    """Return every subject that a decoded JSON value names, however deep, each once, in order."""
    if isinstance(value, str):
        return [value] if is_subject(value) else []
    inner: list[Any] = list(value.values()) if is_object(value) else value if is_array(value) else []
    return list(dict.fromkeys(subject for one in inner for subject in subjects_in(one)))
