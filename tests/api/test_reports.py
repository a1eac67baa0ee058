"""Reports over HTTP: which there are, their form, their moment, and who may read them (domain.md 13.1)."""

import csv
import io
from typing import Any

import msgspec

from ledger.domain.instants import parse_instant
from ledger.scopes import Grant
from ledger.tokens import create_token
from projections.metrics.definitions import DEFINITIONS
from projections.reports.catalogue import REPORTS
from tests.api.asking import ZONE, day, on, record
from tests.api.desk import (
    OPEN,
    RIVAL,
    SHOP,
    Desk,
    Json,
    block,
    filed,
    published,
    voided,
)
from tests.api.reporting import JANUARY, report

CSV, NDJSON = "text/csv", "application/x-ndjson"
NAMES = [
    "transparency",
    "statements-of-reasons",
    "policy-compliance",
    "odr",
    "claim-dossier",
    "alliance",
    "integrity",
    "replay-pack",
]
MOMENT = ("as_of", "known_at", "tz", "certainty", "basis", "logs")


async def test_the_reports_are_listed_with_what_each_answers(shared_desk: Desk) -> None:
    listed = await shared_desk.get("/v1/reports")
    assert [item["name"] for item in listed["items"]] == NAMES
    assert [item["id"] for item in listed["items"]] == ["R1", "R2", "R6", "R7", "R8", "R9", "R10", "R11"]
    assert set(listed["items"][0]) == {"name", "id", "title", "answers", "sections", "parameters", "definitions"}
    assert listed["items"][4]["parameters"].keys() == {"claim"}


async def test_every_report_of_nothing_is_answered_whole_with_its_moment_and_its_definitions(desk: Desk) -> None:
    for known in REPORTS:
        answer = await report(desk, known.name, log=[SHOP])
        assert list(answer) == ["report", "title", "from", "to", *MOMENT, "definitions", "sections"]
        assert (answer["report"], answer["from"], answer["to"]) == (known.name, "2026-01-01", "2026-01-31")
        assert list(answer["sections"]) == list(known.sections)
        assert answer["logs"][SHOP]["size"] == 0
        assert answer["definitions"].items() <= DEFINITIONS.items()


async def test_a_report_that_is_not_there_and_what_it_does_not_know_are_refused(shared_desk: Desk) -> None:
    desk = shared_desk
    missing = await desk.ask("GET", "/v1/reports/weather")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not-found")
    assert await desk.refusal("/v1/reports/odr", section="weather") == (422, "unknown-section", "/section")
    assert await desk.refusal("/v1/reports/odr", claim="claim:a:b") == (422, "unknown-parameter", "/claim")
    time = {"log": SHOP, "from": "yesterday"}
    assert await desk.refusal("/v1/reports/odr", **time) == (422, "invalid-time", "/from")
    twice = {"log": SHOP, "to": ["2026-01-01", "2026-01-02"]}
    assert await desk.refusal("/v1/reports/odr", **twice) == (422, "invalid-parameter", "/to")
    zones = {"log": [SHOP, OPEN], "from": "2026-01-01"}
    assert await desk.refusal("/v1/reports/odr", **zones) == (422, "zone-needed", "/from")


async def test_a_report_is_of_the_logs_that_the_asker_may_read(shared_desk: Desk) -> None:
    assert sorted((await shared_desk.get("/v1/reports/odr", tz=ZONE))["logs"]) == [OPEN, SHOP]
    closed = await shared_desk.ask("GET", "/v1/reports/odr", log=RIVAL)
    assert closed.status_code == 403


async def test_the_same_sizes_give_the_same_bytes_whatever_was_recorded_since(desk: Desk) -> None:
    await desk.tell(published("L1"), block("L1", "R1"))
    asked: dict[str, Json] = {"log": [SHOP], "as_of": day("02-01"), **JANUARY}
    before = {name: await desk.ask("GET", f"/v1/reports/{name}", **asked) for name in NAMES}
    await desk.tell(voided("void", "listing:shop:L1", "block-L1-R1"), block("L1", "R2"))
    for name, first in before.items():
        sizes = [f"{log}:{at['size']}" for log, at in first.json()["logs"].items()]
        again = await desk.ask("GET", f"/v1/reports/{name}", size=sizes, **asked)
        assert (first.status_code, again.content) == (200, first.content)
        now = await desk.ask("GET", f"/v1/reports/{name}", **asked)
        assert now.content != first.content


async def test_rows_come_as_csv_with_a_column_for_each_member_and_as_lines_of_json(desk: Desk) -> None:
    await desk.tell(filed("A", on("01-02")), filed("B", on("01-03")))

    async def written(media: str, **asked: Json) -> tuple[str, dict[str, Any]]:
        query: dict[str, Json] = {"log": [SHOP], "as_of": day("01-31"), **asked}
        answer = await desk.ask("GET", "/v1/reports/odr", headers={"Accept": media}, **query)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media)
        return answer.text, msgspec.json.decode(answer.headers["Jejak-Answer"])

    text, around = await written(CSV, section="stages")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0] == {
        "claimant_country": "ALL",
        "respondent_country": "ALL",
        "cross_border": "",
        "stage": "FILED",
        "stage_days.unit": "days",
        "stage_days.n": "0",
        "stage_days.median": "",
        "stage_days.p90": "",
        "stage_days.values": "[]",
        "stage_days.n_open": "2",
        "stage_days.open_ages": '["29.625","28.625"]',
    }
    assert list(around) == ["report", "title", "from", "to", *MOMENT]
    whole, _ = await written(CSV)
    assert {row["section"] for row in csv.DictReader(io.StringIO(whole))} == {
        "corridors",
        "forums",
        "stages",
        "assistance",
    }
    lines, _ = await written(NDJSON, section="stages")
    assert msgspec.json.decode(lines.splitlines()[0])["stage_days"]["n_open"] == 2


async def test_an_untold_period_is_all_of_time(desk: Desk) -> None:
    await desk.tell(filed("A", "2013-01-02T00:00:00Z"), filed("B", on("01-03")))
    answer = await desk.get("/v1/reports/odr", log=SHOP, section="corridors")
    assert (answer["from"], answer["to"], answer["sections"]["corridors"][0]["filed"]) == (None, None, 2)


async def test_who_is_engaged_for_a_time_reads_reports_as_they_were_known_within_it(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(desk, "01-10", filed("A", on("01-02")))
    await record(desk, "01-20", filed("B", on("01-03")))
    grant = Grant(role="AUDITOR", window_to=parse_instant(on("01-15")))
    token = await create_token(desk.service.database.pool("keeper"), "AUDITOR", [SHOP], None, grant)
    engaged = Desk(desk.service, desk.client, {**desk.tokens, "auditor": token})
    asked: dict[str, Json] = {"who": "auditor", "log": SHOP, "section": "corridors"}
    answer = await report(engaged, "odr", **asked)
    assert (answer["sections"]["corridors"][0]["filed"], answer["logs"][SHOP]["size"]) == (1, 1)
    later = await engaged.ask("GET", "/v1/reports/odr", known_at=day("01-20"), tz=ZONE, **asked)
    assert later.status_code == 403
