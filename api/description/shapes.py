"""The schemas that operations share, by name: those of our own Structs as msgspec writes them, and those of answers."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import msgspec
from msgspec import NODEFAULT

from api.claims import NewEvaluation
from api.description.items import ITEMS
from api.description.schema import (
    COMPONENTS,
    Schema,
    by_name,
    choice,
    digest,
    each,
    instant,
    members,
    or_null,
    ref,
    text,
    truth,
    whole,
)
from api.diffs import NewDiff
from api.dsa.dump_routes import Day
from api.erasures import NewErasure
from api.logs import DataClass, LogKind, NewLog
from api.receipts import ProvedReceipt
from api.replays import NewReplay
from api.tokens import NewToken, Rotation
from ledger.domain.fact import Basis, Certainty
from ledger.entry import RecordedEvent
from ledger.intake import EventData
from ledger.judging import Receipt

STRUCTS = (
    NewLog,
    NewEvaluation,
    NewErasure,
    NewReplay,
    NewDiff,
    NewToken,
    Rotation,
    Receipt,
    ProvedReceipt,
    RecordedEvent,
    Day,
)
"""What is sent and answered as a Struct of ours."""
MOMENT: Mapping[str, Schema] = {
    "as_of": instant(),
    "known_at": or_null(instant()),
    "tz": or_null(text()),
    "certainty": choice(get_args(Certainty)),
    "basis": choice(get_args(Basis)),
    "logs": by_name(ref("LogSize")),
}
"""What every answer about a moment carries beside what was asked."""
NEXT = or_null(text())
DATA: Schema = {
    "type": "object",
    "description": "What the event says, by its type: the schema at /schemas/{type}, which has an example.",
}


def page(items: Schema, around: Mapping[str, Schema]) -> Schema:
    """Return the schema of a page: items, where the next page begins, and what stands around."""
    return members({"items": each(items), "next": NEXT, **around})


def item_name(listed: str) -> str:
    """Return what the items of a list are called among the components."""
    return "".join(part.capitalize() for part in listed.split("-")) + "Item"


@cache
def components() -> Mapping[str, Schema]:
    """Return the schemas, by name."""
    _, structs = msgspec.json.schema_components([*STRUCTS, event_to_send()], ref_template=COMPONENTS + "{name}")
    structs["RecordedEvent"]["properties"]["data"] = DATA
    items = {item_name(name): schema for name, schema in ITEMS.items()}
    return dict(sorted({**structs, **_answers(), **items}.items()))


def event_to_send() -> type[msgspec.Struct]:
    """Return the shape of an event as a client sends it, its data an object: `EventData` keeps it unread."""
    fields: list[tuple[str, Any, Any]] = []
    for one in msgspec.structs.fields(EventData):
        if one.name == "data":
            fields.append((one.name, dict[str, Any], msgspec.field(default_factory=dict[str, Any])))
        else:
            default = msgspec.field() if one.default is NODEFAULT else msgspec.field(default=one.default)
            fields.append((one.name, one.type, default))
    return msgspec.defstruct(
        "Event",
        fields,
        kw_only=True,
        forbid_unknown_fields=True,
        namespace={"__doc__": "An event as a client sends it: CloudEvents 1.0. See /schemas for what `data` may be."},
    )


def _answers() -> dict[str, Schema]:
    return {
        "LogSize": members({"size": whole(minimum=0), "root": digest()}),
        "Log": _log(),
        "Problem": _problem(),
        "Appended": members({"log": text(), "size": whole(), "receipts": each(_receipt())}),
        "Results": _results(),
        "Count": members({"count": or_null(whole(minimum=0)), **MOMENT}),
        "State": members({"log": text(), "kind": text(), "subject": text(), "state": {"type": "object"}}),
        "Rectangle": _rectangle(),
        "TimelineEvent": _timeline_event(),
        "Evaluation": _evaluation(),
        "Erased": members({"subject": text(), "erasures": each(_erasure())}),
        "Report": _report(),
        "ReportDescription": _report_description(),
        "EventType": _event_type(),
        "Growth": _growth(),
        "Statement": _statement(),
        "StatementProblem": members({"message": text(), "errors": {"type": "object"}}, ["errors"]),
        "Dump": _dump(),
    }


def _receipt() -> Schema:
    return {"anyOf": [ref("ProvedReceipt"), ref("Receipt")]}


def _log() -> Schema:
    return members(
        {
            "slug": text(),
            "kind": choice(get_args(LogKind)),
            "data_class": choice(get_args(DataClass)),
            "timezone": text(),
            "jurisdiction": or_null(text()),
            "origin": text(),
            "created": instant(),
            "size": whole(minimum=0),
            "root": digest(),
            "first_recordedtime": or_null(instant()),
            "last_recordedtime": or_null(instant()),
            "views_behind": whole(),
            "key": or_null(text(description="The public key, a C2SP vkey.")),
            "checkpoint": or_null(text(description="The newest checkpoint, a C2SP signed note.")),
            "closed_through": or_null(text(description="The end of the last period that its platforms closed.")),
            "halted": or_null(members({"reason": text(), "since": instant()})),
        }
    )


def _problem() -> Schema:
    fault = members({"index": whole(minimum=0), "pointer": text(), "code": text(), "detail": text()})
    said = {"type": text(pattern="^/problems/"), "title": text(), "status": whole(), "detail": text()}
    return {
        **members({**said, "errors": each(fault)}, list(said)),
        "description": "An RFC 9457 problem. `type` is the address of the page that says what to do.",
    }


def _results() -> Schema:
    result = {"index": whole(minimum=0), "status": whole(), "receipt": _receipt(), "problem": ref("Problem")}
    return members({"log": text(), "results": each(members(result, ["index", "status"]))})


def _rectangle() -> Schema:
    instants = ("valid_to", "valid_to_known_from", "known_to")
    return members(
        {
            "log": text(),
            "subject": text(),
            "valid_from": instant(),
            **{name: or_null(instant()) for name in instants},
            "known_from": instant(),
            "known_from_position": whole(minimum=0),
            "known_to_position": or_null(whole(minimum=0)),
            "state": {"type": "object"},
        }
    )


def _timeline_event() -> Schema:
    texts = ("log", "subject", "id", "type", "timeprecision", "timezone")
    return members(
        {
            **{name: text() for name in texts},
            **{name: instant() for name in ("at", "time", "timelatest", "recordedtime")},
            "sourcetime": or_null(instant()),
            "lateness": or_null(text(description="An ISO 8601 duration.")),
            "position": whole(minimum=0),
            "version": whole(minimum=1),
            "corrected_by": {},
            "voided_by": {},
            "flags": each({"type": "object"}),
        }
    )


def _evaluation() -> Schema:
    numbers = ("population_n", "tested_n", "counterexamples_n", "undetermined_n")
    digests = ("counterexamples_sha256", "manifest_sha256")
    place = {"log": text(), "id": text(), "position": whole(), "recordedtime": text()}
    return members(
        {
            **{name: text() for name in ("claim", "predicate_id", "reading", "verdict")},
            "population": {"type": "object"},
            **{name: whole(minimum=0) for name in numbers},
            "coverage": {},
            "counterexamples": each(text()),
            "manifest": {"type": "object"},
            **{name: digest() for name in digests},
            "recorded": members(place),
            **MOMENT,
        }
    )


def _erasure() -> Schema:
    receipt = {"id": text(), "position": whole(), "version": whole(), "recordedtime": text(), "leaf_hash": text()}
    return members({"log": text(), "key_id": text(), "backups_expire_on": text(), **receipt, "duplicate": truth()})


def _report() -> Schema:
    return members(
        {
            "report": text(),
            "title": text(),
            "from": or_null(text()),
            "to": or_null(text()),
            **MOMENT,
            "definitions": {},
            "sections": by_name(each({"type": "object"})),
        }
    )


def _report_description() -> Schema:
    said = {"name": text(), "id": text(), "title": text(), "answers": text(), "sections": each(text())}
    return members({**said, "parameters": by_name(text()), "definitions": {}})


def _event_type() -> Schema:
    said = {"type": text(), "version": whole(), "streams": each(text()), "time_class": text(), "personal": each(text())}
    return members({**said, "description": text(), "href": text(), "example": ref("Event")})


def _growth() -> Schema:
    return members({"log": text(), "from": ref("LogSize"), "to": ref("LogSize"), "proof": each(digest())})


def _statement() -> Schema:
    said = ("uuid", "created_at", "platform_name", "permalink", "self")
    return members({name: text() for name in said})


def _dump() -> Schema:
    file = members({"rows": whole(minimum=0), "bytes": whole(minimum=0), "sha256": digest()})
    return members({"files": each(file)})
