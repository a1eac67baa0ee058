"""Another story of the same shape: the scripted one with facts dropped, added, moved and changed, always alike."""

import copy
import gzip
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

import api

Line = dict[str, Any]
SCRIPTED = Path(api.__file__).parent / "stories" / "scenario.ndjson.gz"
NEW_SELLERS = 40
"""Sellers that the other story has and the scripted one has not, all with papers of another country."""


def read_scripted() -> list[Line]:
    """Return the lines of the scripted story."""
    return msgspec.json.Decoder(Line).decode_lines(gzip.decompress(SCRIPTED.read_bytes()))


def retold() -> list[Line]:
    """Return the lines of the other story, in recorded order."""
    lines = [line for line in copy.deepcopy(read_scripted()) if not _dropped(line)]
    for line in lines:
        for pattern, change in CHANGES.items():
            if re.fullmatch(pattern, line["id"]):
                change(line)
    return sorted([*lines, *_added(lines)], key=lambda line: datetime.fromisoformat(line["recordedtime"]))


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text.rpartition(":")[2]))


def _dropped(line: Line) -> bool:
    """Drop every fourth member after the founders, every fifth banned seller, every tenth seller, and two facts."""
    subject: str = line["subject"]
    number = _number(subject) if re.search(r"\d$", subject) else 0
    if subject.startswith("membership:"):
        return number > 20 and number % 4 == 0
    if subject.startswith("seller:taobao:"):
        return number % 5 == 0
    if subject.startswith("seller:tiktok-shop-id:"):
        return number % 10 == 0
    return line["id"] in {"d4-o", "F5-ban"}


def _moved(**by: float) -> Callable[[Line], None]:
    def move(line: Line) -> None:
        for name in ("time", "recordedtime", "sourcetime"):
            if name in line and not (name == "recordedtime" and "sourcetime" in line):
                moment = datetime.fromisoformat(line[name]) + timedelta(**by)
                line[name] = moment.isoformat().replace("+00:00", "Z")

    return move


def _with_data(**data: Any) -> Callable[[Line], None]:  # noqa: ANN401 - JSON
    def put(line: Line) -> None:
        line["data"] = {name: value for name, value in {**line["data"], **data}.items() if value is not None}

    return put


def _corrected_to(**to: Any) -> Callable[[Line], None]:  # noqa: ANN401 - JSON
    def put(line: Line) -> None:
        line["data"]["set"].update(to)

    return put


def _of(subject: str) -> Callable[[Line], None]:
    def put(line: Line) -> None:
        line["subject"] = subject

    return put


CHANGES: Mapping[str, Callable[[Line], None]] = {
    r"gf-ban-0000[246]": _moved(days=1500),
    r"t03-(act|blk)": _moved(hours=7),
    r"t10-(act|blk)": _moved(minutes=90),
    r"t05-rcv": _with_data(notifier_size_class="LARGE"),
    r"t02-re.*": _moved(days=-2),
    r"smc-meet1": _with_data(attendee_count=21, industries=["ACCESSORIES", "APPAREL", "TOYS"]),
    r"smc-meet1-fix": _corrected_to(time="2020-10-14T16:00:00Z"),
    r"akar-CRAFT-fix": _corrected_to(time="2021-03-31T17:00:00Z"),
    r"akar-TEXTILE_FASHION-fix": _corrected_to(time="2021-07-09T17:00:00Z"),
    r"L01-pub": _with_data(ship_from_country="ID"),
    r"L03-pub": _with_data(ship_from_country="MY"),
    r"L05-pub": _with_data(ship_from_country=None),
    r"L08-pub": _with_data(cluster="CRAFT", ship_from_country="CN"),
    r"L02-K02": _moved(days=40),
    r"kca-mou-fix": _corrected_to(time="2021-09-18T15:00:00Z"),
    r"cal-id-2021": _with_data(holidays=["2021-10-12", "2021-10-13", "2021-10-20"]),
    r"d5-o": _moved(days=-14),
    r"unctad15-fix": _corrected_to(data={"meeting": "UNCTAD15", "start_date": "2021-10-02", "end_date": "2021-10-07"}),
    r"d1-o": _with_data(outcome="DECIDED_FOR_RESPONDENT"),
    r"c1-erase": _of("subject:c4"),
    r"tt105-v": _with_data(document_country="ID"),
    r"tt7-v": _with_data(document_type="NIB", entity_class="MICRO_ENTREPRENEUR"),
    r"ttl3": _with_data(ship_from_country="CN"),
    r"ttl4": _with_data(goods_origin_country=None),
    r"tts-stop": _moved(minutes=-30),
}


def _added(lines: Iterable[Line]) -> list[Line]:
    """Return a void, an outcome, a founding and sellers that the scripted story has not."""
    by_id = {line["id"]: line for line in lines}
    void = {
        **by_id["gf-void-17"],
        "id": "gf-void-22",
        "subject": "seller:taobao:gf00022",
        "recordedtime": "2020-11-20T00:00:00Z",
        "time": "2020-11-20T00:00:00Z",
        "data": {**by_id["gf-void-17"]["data"], "target_event_id": "gf-ban-00022"},
    }
    outcome = {**by_id["d1-o"], "id": "d2-o", "subject": "dispute:kca:D2"}
    outcome["recordedtime"] = outcome["time"] = "2021-11-20T02:00:00Z"
    established = {**by_id["satgas"], "id": "satgas-est", "type": "BodyEstablished"}
    established["recordedtime"] = "2023-07-25T09:00:00Z"
    established |= {"time": "2023-07-24T17:00:00Z", "data": {"kind": "TASK_FORCE", "name": "Satgas"}}
    return [void, outcome, established, *_sellers(by_id["tt1-r"], by_id["tt104-v"])]


def _sellers(registered: Line, verified: Line) -> Iterable[Line]:
    for number in range(3001, 3001 + NEW_SELLERS):
        for line, letter in ((registered, "r"), (verified, "v")):
            data = {**line["data"], **({"verification_id": f"V{number}"} if letter == "v" else {})}
            subject = f"seller:tiktok-shop-id:TT{number}"
            yield {**line, "id": f"tt{number}-{letter}", "subject": subject, "data": data}
