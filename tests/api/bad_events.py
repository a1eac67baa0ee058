"""Events that differ from an accepted one in one member, and what they are told: the table of test_bad_input."""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.api.desk import (
    Event,
    Json,
    block,
    corrected,
    event,
    filed,
    outcome,
    published,
    registered,
    reinstated,
)

Path = tuple[str | int, ...]
ABSENT = object()
LONG = "x" * 5_000
EARLIER = "2026-01-09T00:00:00Z"
FAR_OVERFLOW = "0001-01-01T00:00:00+23:59"


class Told(NamedTuple):
    """Events that stand before, and the event that is accepted after them."""

    before: list[Event]
    good: Event


class Bad(NamedTuple):
    """One member of an accepted event, the value that it must not have, and what is said of that."""

    name: str
    told: Callable[[str], Told]
    path: Path
    value: Any
    pointer: str
    code: str = "invalid-event"
    status: int = 422


def changed(good: Event, path: Path, value: Json) -> Event:
    """Return the event with one member set, or without it."""
    bad: Any = deepcopy(good)
    inner: Any = bad
    for step in path[:-1]:
        inner = inner[step]
    if value is ABSENT:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value() if callable(value) else value
    result: Event = bad
    return result


def ahead(**span: float) -> str:
    """Return an instant after now."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


def a_block(name: str) -> Told:
    """Return a block with every block of members that events share."""
    good = block(
        name,
        "R1",
        decision_ground="DECISION_GROUND_INCOMPATIBLE_CONTENT",
        decision_facts="as found",
        end_at="2030-01-01T00:00:00Z",
        sales_before_block=3,
        territorial_scope=["ID"],
        redress=[{"kind": "COURT", "deadline": "P30D"}],
        evidence=[{"evidence_id": "E1", "sha256": "0" * 64, "captured_at": "2026-01-09T00:00:00Z"}],
        extra={"note": "x", "list": [1, {"deep": "y"}]},
    )
    more: Event = {
        "timelatest": "2026-01-10T04:00:00Z",
        "timezone": "Asia/Jakarta",
        "sourcetime": "2026-01-10T05:00:00Z",
    }
    more |= {"nativeseq": 7, "correlationid": "c 1", "timeprecision": "INSTANT", "datacontenttype": "application/json"}
    more |= {"expectedversion": 1, "causationid": f"pub-{name}", "dataschema": "/schemas/ListingBlocked/1"}
    return Told([published(name)], {**good, **more})


def a_bare_block(name: str) -> Told:
    """Return a block that says no more than it must."""
    return Told([], block(name, "R1"))


def a_bare_correction(name: str) -> Told:
    """Return a correction of a time."""
    return Told([block(name, "R1")], corrected(f"cor-{name}", f"listing:shop:{name}", f"block-{name}-R1", time=EARLIER))


def a_lift(name: str) -> Told:
    """Return the end of a restriction."""
    return Told([block(name, "R1")], reinstated(name, "R1"))


def an_outcome(name: str) -> Told:
    """Return an outcome of a dispute; another dispute has one already."""
    decided = [filed(f"{name}-2"), outcome(f"{name}-2")]
    return Told([filed(name), *decided], outcome(name))


def a_registration(name: str) -> Told:
    """Return a registration with a † field; another seller is registered already."""
    good = registered(name, shop_name="Toko Sari", subject_id=f"subject:{name}")
    return Told([registered(f"{name}-2")], good)


def a_filing(name: str) -> Told:
    """Return a filing with † fields."""
    money = {"amount_minor": 5, "currency": "IDR"}
    good = filed(name, claimant_name="Aminah", narrative="It came late", amount=money)
    good["data"]["claimant_subject_id"] = f"subject:{name}"
    return Told([], good)


def a_licence(name: str) -> Told:
    """Return an event of class T2 that lies ahead."""
    data = {"licence_kind": "PSE", "valid_from": "2031-01-01"}
    return Told([], event(f"licence-{name}", "PlatformLicenceRecorded", f"platform:{name}", ahead(days=400), **data))


def a_resumption(name: str) -> Told:
    """Return that a suspended service runs again."""
    stop = event(f"stop-{name}", "ServiceSuspended", f"platform:{name}", service="MARKETPLACE", country="ID")
    data = {"service": "MARKETPLACE", "country": "ID"}
    return Told([stop], event(f"go-{name}", "ServiceResumed", f"platform:{name}", "2026-01-11T00:00:00Z", **data))


def a_notice(name: str) -> Told:
    """Return a notice with items."""
    items = [{"item_no": 1, "listing_id": "listing:shop:1"}, {"item_no": 2, "listing_id": "EXTERNAL"}]
    return Told([], event(f"notice-{name}", "NoticeReceived", f"takedown_case:shop:{name}", items=items))


def a_correction(name: str) -> Told:
    """Return a correction of everything that may be corrected of a block."""
    before = [published(name), a_block(name).good, registered(name)]
    data = {"end_at": "2031-01-01T00:00:00Z", "decision_facts": "otherwise", "extra": {"a": "b"}}
    to = {"time": "2026-01-09T00:00:00Z", "timelatest": "2026-01-09T05:00:00Z", "timezone": "Asia/Makassar"}
    good = corrected(f"cor-{name}", f"listing:shop:{name}", f"block-{name}-R1", **to, timeprecision="DAY", data=data)
    return Told(before, good)


def a_personal_correction(name: str) -> Told:
    """Return a correction of a † field."""
    before = [registered(name, shop_name="Toko", subject_id=f"subject:{name}"), registered(f"{name}-2")]
    subject = f"seller:shop:{name}"
    return Told(before, corrected(f"cor-{name}", subject, f"reg-{name}", data={"shop_name": "Toko Baru"}))


def nested(depth: int) -> Json:
    """Return arrays in arrays."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ENVELOPE = [
    Bad("unknown type", a_block, ("type",), "ListingBlokced", "/type", "unknown-event-type"),
    Bad("unknown attribute", a_block, ("colour",), "red", "/colour"),
    Bad("unknown attribute with a slash", a_block, ("a/b~c",), "red", "/a~1b~0c"),
    Bad("no specversion", a_block, ("specversion",), ABSENT, "/specversion"),
    Bad("old specversion", a_block, ("specversion",), "0.3", "/specversion"),
    Bad("no id", a_block, ("id",), ABSENT, "/id"),
    Bad("empty id", a_block, ("id",), "", "/id"),
    Bad("id with a blank", a_block, ("id",), "a b", "/id"),
    Bad("id with a line feed", a_block, ("id",), "ab\n", "/id"),
    Bad("id of 201 characters", a_block, ("id",), "a" * 201, "/id"),
    Bad("id with U+0000", a_block, ("id",), "a\0", "/id"),
    Bad("id like ciphertext", a_block, ("id",), "enc:v1:a:b", "/id"),
    Bad("source with a blank", a_block, ("source",), "/a b", "/source"),
    Bad("source like ciphertext", a_block, ("source",), "enc:v1:a:b", "/source"),
    Bad("source with U+0000", a_block, ("source",), "/a\0", "/source"),
    Bad("no time", a_block, ("time",), ABSENT, "/time"),
    Bad("naive time", a_block, ("time",), "2026-01-10T03:00:00", "/time"),
    Bad("date as time", a_block, ("time",), "2026-01-10", "/time"),
    Bad("number as time", a_block, ("time",), 1767225600, "/time"),
    Bad("30 February", a_block, ("time",), "2026-02-30T00:00:00Z", "/time"),
    Bad("time before the calendar", a_block, ("time",), FAR_OVERFLOW, "/time"),
    Bad("six minutes ahead", a_bare_block, ("time",), lambda: ahead(minutes=6), "/time", "future-not-allowed"),
    Bad("latest before time", a_block, ("timelatest",), "2026-01-10T02:59:59.999999Z", "/timelatest"),
    Bad("naive latest", a_block, ("timelatest",), "2026-01-10T04:00:00", "/timelatest"),
    Bad("latest after the calendar", a_block, ("timelatest",), "9999-12-31T23:00:00-05:00", "/timelatest"),
    Bad("unknown precision", a_block, ("timeprecision",), "WEEK", "/timeprecision"),
    Bad("impossible zone", a_block, ("timezone",), "Asia/Atlantis", "/timezone"),
    Bad("zone that is a path", a_block, ("timezone",), "../../etc/passwd", "/timezone"),
    Bad("zone with U+0000", a_block, ("timezone",), "Asia/Jakarta\0", "/timezone"),
    Bad("empty zone", a_block, ("timezone",), "", "/timezone"),
    Bad("sourcetime ahead", a_block, ("sourcetime",), lambda: ahead(hours=1), "/sourcetime", "future-not-allowed"),
    Bad("sourcetime before the calendar", a_block, ("sourcetime",), FAR_OVERFLOW, "/sourcetime"),
    Bad("fraction as nativeseq", a_block, ("nativeseq",), 1.5, "/nativeseq"),
    Bad("nativeseq over 2^53", a_block, ("nativeseq",), 2**53 + 1, "/nativeseq"),
    Bad("text as nativeseq", a_block, ("nativeseq",), "7", "/nativeseq"),
    Bad("correlationid with U+0000", a_block, ("correlationid",), "a\0b", "/correlationid"),
    Bad("correlationid like ciphertext", a_block, ("correlationid",), "enc:v1:a:b", "/correlationid"),
    Bad("unknown cause", a_block, ("causationid",), "nobody", "/causationid", "unknown-reference"),
    Bad("wrong version", a_block, ("expectedversion",), 3, "/expectedversion", "version-conflict", 409),
    Bad("version below 0", a_block, ("expectedversion",), -1, "/expectedversion"),
    Bad("schema of another type", a_block, ("dataschema",), "/schemas/ListingPublished/1", "/dataschema"),
    Bad("schema of no version", a_block, ("dataschema",), "/schemas/ListingBlocked/2", "/dataschema"),
    Bad("other content type", a_block, ("datacontenttype",), "text/plain", "/datacontenttype"),
    *[
        Bad(f"{name} is the ledger's", a_block, (name,), value, f"/{name}")
        for name, value in {
            "recordedtime": "2026-01-10T03:00:00Z",
            "sequence": "00000000000000000001",
            "log": "shop",
            "streamversion": 1,
            "authid": "me",
            "authrole": "operator",
            "salt": "00" * 16,
        }.items()
    ],
    Bad("subject of the wrong kind", a_block, ("subject",), "seller:shop:1", "/subject"),
    Bad("subject of no kind", a_block, ("subject",), "planet:shop:1", "/subject"),
    Bad("subject without namespace", a_block, ("subject",), "listing:1", "/subject"),
    Bad("subject with a blank", a_block, ("subject",), "listing:shop:a b", "/subject"),
    Bad("subject beyond ASCII", a_block, ("subject",), "listing:shop:\u00e9", "/subject"),
    Bad("subject of 201 characters", a_block, ("subject",), "listing:shop:" + "a" * 188, "/subject"),
]
DATA = [
    Bad("no object as data", a_block, ("data",), [1], "/data"),
    Bad("null as data", a_block, ("data",), None, "/data"),
    Bad("unknown member", a_block, ("data", "colour"), "red", "/data/colour"),
    Bad("unknown nested member", a_block, ("data", "redress", 0, "colour"), "red", "/data/redress/0/colour"),
    Bad("no restriction id", a_block, ("data", "restriction_id"), ABSENT, "/data/restriction_id"),
    Bad("no nested id", a_block, ("data", "evidence", 0, "evidence_id"), ABSENT, "/data/evidence/0/evidence_id"),
    Bad("nothing restricted", a_block, ("data", "decision_visibility"), ABSENT, "/data"),
    Bad("wrong enum", a_block, ("data", "decision_ground"), "BECAUSE", "/data/decision_ground"),
    Bad("wrong nested enum", a_block, ("data", "redress", 0, "kind"), "LUCK", "/data/redress/0/kind"),
    Bad("wrong country", a_block, ("data", "territorial_scope", 0), "XX", "/data/territorial_scope/0"),
    Bad("text over its bound", a_block, ("data", "decision_facts"), LONG + "x", "/data/decision_facts"),
    Bad("U+0000 in data", a_block, ("data", "decision_facts"), "a\0b", "/data/decision_facts"),
    Bad("ciphertext in data", a_block, ("data", "decision_facts"), "enc:v1:a:b", "/data/decision_facts"),
    Bad("anything after enc:", a_block, ("data", "decision_facts"), "enc:", "/data/decision_facts"),
    Bad("impossible day", a_block, ("data", "end_at"), "2030-02-30T00:00:00Z", "/data/end_at"),
    Bad("instant before the calendar", a_block, ("data", "end_at"), FAR_OVERFLOW, "/data/end_at"),
    Bad("naive instant", a_block, ("data", "end_at"), "2030-01-01T00:00:00", "/data/end_at"),
    Bad(
        "impossible nested day",
        a_block,
        ("data", "evidence", 0, "captured_at"),
        "2026-13-01T00:00:00Z",
        "/data/evidence/0/captured_at",
    ),
    Bad("fraction", a_block, ("data", "sales_before_block"), 1.5, "/data/sales_before_block"),
    Bad("over 2^53", a_block, ("data", "sales_before_block"), 2**53 + 1, "/data/sales_before_block"),
    Bad("below 0", a_block, ("data", "sales_before_block"), -1, "/data/sales_before_block"),
    Bad("extra is no object", a_block, ("data", "extra"), ["x"], "/data/extra"),
    Bad("U+0000 in extra", a_block, ("data", "extra", "note"), "a\0", "/data/extra/note"),
    Bad("U+0000 deep in extra", a_block, ("data", "extra", "list", 1, "deep"), "\0", "/data/extra/list/1/deep"),
    Bad("ciphertext in extra", a_block, ("data", "extra", "list", 0), "enc:v1:a:b", "/data/extra/list/0"),
    Bad("fraction in extra", a_block, ("data", "extra", "note"), 0.5, "/data/extra/note"),
    Bad("over 2^53 in extra", a_block, ("data", "extra", "note"), 2**53 + 1, "/data/extra/note"),
    Bad("name with U+0000 in extra", a_block, ("data", "extra", "a\0"), 1, "/data/extra"),
    Bad("name beyond ASCII in extra", a_block, ("data", "extra", "\u00e9"), 1, "/data/extra"),
    Bad("name like ciphertext in extra", a_block, ("data", "extra", "enc:v1:a:b"), 1, "/data/extra"),
    Bad("extra over 4 KiB", a_block, ("data", "extra", "note"), "x" * 4_096, "/data/extra"),
    Bad("extra too deep", a_block, ("data", "extra"), {"n": nested(80)}, "/data/extra/n" + "/0" * 63),
    Bad(
        "entry over 65,535 bytes",
        a_block,
        ("data", "evidence"),
        [{"evidence_id": f"E{n}", "sha256": "0" * 64, "uri": LONG} for n in range(13)],
        "",
        "entry-too-large",
    ),
    Bad("item number 0", a_notice, ("data", "items", 1, "item_no"), 0, "/data/items/1/item_no"),
    Bad("301 items", a_notice, ("data", "items"), [{"item_no": n + 1} for n in range(301)], "/data/items"),
    Bad("amount below zero", a_filing, ("data", "amount", "amount_minor"), -1, "/data"),
    Bad("unknown currency", a_filing, ("data", "amount", "currency"), "XXY", "/data/amount/currency"),
    Bad("impossible date", a_licence, ("data", "valid_from"), "2031-02-29", "/data/valid_from"),
    Bad("T2 beyond the calendar", a_licence, ("time",), "9999-12-31T00:00:00Z", "/time"),
]
HISTORY = [
    Bad("id of another event", a_block, ("id",), lambda: "reused", "/id", "id-reused", 409),
    Bad("unknown restriction", a_lift, ("data", "restriction_id"), "R2", "/data/restriction_id", "unknown-restriction"),
    Bad("end before its beginning", a_lift, ("time",), "2026-01-09T00:00:00Z", "/time", "timeline-impossible", 409),
    Bad("outcome before filing", an_outcome, ("time",), "2026-01-02T00:00:00Z", "/time", "timeline-impossible", 409),
    Bad(
        "service that never stopped",
        a_resumption,
        ("data", "service"),
        "CHECKOUT",
        "/data/service",
        "unknown-reference",
    ),
    Bad(
        "\u2020 without subject",
        a_registration,
        ("data", "subject_id"),
        ABSENT,
        "/data/shop_name",
        "pii-without-subject",
    ),
    Bad("\u2020 over its bound", a_registration, ("data", "shop_name"), "x" * 501, "/data/shop_name"),
    Bad("\u2020 like ciphertext", a_registration, ("data", "shop_name"), "enc:v1:a:b", "/data/shop_name"),
    Bad("\u2020 with U+0000", a_registration, ("data", "shop_name"), "a\0", "/data/shop_name"),
    Bad("subject_id of another kind", a_registration, ("data", "subject_id"), "seller:1", "/data/subject_id"),
]
CORRECTIONS = [
    Bad(
        "unknown target", a_correction, ("data", "target_event_id"), "no", "/data/target_event_id", "unknown-reference"
    ),
    Bad("nothing set", a_correction, ("data", "set"), ABSENT, "/data/set"),
    Bad("unknown member of set", a_correction, ("data", "set", "type"), "ListingPublished", "/data/set/type"),
    Bad("naive corrected time", a_correction, ("data", "set", "time"), "2026-01-09T00:00:00", "/data/set/time"),
    Bad(
        "corrected time ahead",
        a_bare_correction,
        ("data", "set", "time"),
        lambda: ahead(minutes=6),
        "/data/set/time",
        "future-not-allowed",
    ),
    Bad("corrected time out of the calendar", a_correction, ("data", "set", "time"), FAR_OVERFLOW, "/data/set"),
    Bad(
        "corrected latest before time", a_correction, ("data", "set", "timelatest"), "2026-01-08T00:00:00Z", "/data/set"
    ),
    Bad("impossible corrected zone", a_correction, ("data", "set", "timezone"), "Asia/Atlantis", "/data/set"),
    Bad("corrected to no payload", a_correction, ("data", "set", "data", "end_at"), 5, "/data/set/data/end_at"),
    Bad("corrected to no list", a_correction, ("data", "set", "data", "evidence"), 5, "/data/set"),
    Bad(
        "corrected to an impossible day",
        a_correction,
        ("data", "set", "data", "end_at"),
        "2030-02-30T00:00:00Z",
        "/data/set/data/end_at",
    ),
    Bad("U+0000 in a correction", a_correction, ("data", "set", "data", "extra", "a"), "\0", "/data/set/data/extra/a"),
    Bad("fraction in a correction", a_correction, ("data", "set", "data", "extra", "a"), 0.5, "/data/set/data/extra/a"),
    Bad("corrected to an unknown member", a_correction, ("data", "set", "data", "colour"), "red", "/data/set"),
    Bad("corrected id", a_correction, ("data", "set", "data", "restriction_id"), "R2", "/data/set"),
    Bad(
        "corrected \u2020 over its bound",
        a_personal_correction,
        ("data", "set", "data", "shop_name"),
        "x" * 501,
        "/data/set/data/shop_name",
    ),
    Bad(
        "corrected \u2020 like ciphertext",
        a_personal_correction,
        ("data", "set", "data", "shop_name"),
        "enc:v1:a:b",
        "/data/set/data/shop_name",
    ),
]
BAD_EVENTS = [*ENVELOPE, *DATA, *HISTORY, *CORRECTIONS]
