"""One question to all logs of a jurisdiction: lists, events, exports, reports, replays and comparisons."""

from collections.abc import Sequence

import msgspec
import pytest

from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, Json, block, published
from tests.api.working import asked

ASKED: tuple[tuple[str, dict[str, Json]], ...] = (
    ("/v1/listings", {}),
    ("/v1/deadlines", {}),
    ("/v1/authority-orders", {}),
    ("/v1/information-requests", {}),
    ("/v1/reports/replay-pack", {}),
)


@pytest.fixture
async def told(desk: Desk) -> Desk:
    """Return the desk with a listing in each log, and a regulator of Indonesia's token."""
    for log in (SHOP, OPEN):
        await desk.tell(published("L1"), block("L1", "R1"), log=log)
    await desk.send([published("L1")], log=RIVAL, who="other")
    await desk.follow()
    keeper = desk.service.database.pool("keeper")
    grant = Grant(role="REGULATOR", jurisdictions=("ID",))
    desk.tokens = {**desk.tokens, "regulator": await create_token(keeper, "REGULATOR", [], None, grant)}
    return desk


async def logs_of(desk: Desk, path: str, who: str, **query: Json) -> Sequence[str]:
    answer = await desk.get(path, who=who, tz="Asia/Jakarta", **query)
    return sorted(answer["logs"])


@pytest.mark.parametrize(("path", "more"), ASKED)
async def test_a_list_or_report_is_of_the_logs_of_a_jurisdiction(told: Desk, path: str, more: dict[str, Json]) -> None:
    assert await logs_of(told, path, "operator", jurisdiction="ID", **more) == [RIVAL, SHOP]
    assert await logs_of(told, path, "operator", jurisdiction=["ID", "GB"], **more) == [OPEN, RIVAL, SHOP]
    assert await logs_of(told, path, "regulator", jurisdiction=["ID", "GB"], **more) == [RIVAL, SHOP]
    assert await logs_of(told, path, "regulator", jurisdiction="ID", log=SHOP, **more) == [SHOP]
    assert await logs_of(told, path, "writer", jurisdiction="ID", **more) == [SHOP]
    assert await logs_of(told, path, "writer", jurisdiction="SG", **more) == []


async def test_events_and_exports_are_of_the_logs_of_a_jurisdiction(told: Desk) -> None:
    events = await told.get("/v1/events", who="operator", jurisdiction="GB")
    assert {item["log"] for item in events["items"]} == {OPEN}
    export = await told.ask("GET", "/v1/export", who="operator", jurisdiction="GB")
    lines = [msgspec.json.decode(line) for line in export.content.splitlines()]
    assert ({line["log"] for line in lines[:-1]}, lines[-1]["events"]) == ({OPEN}, 2)


async def test_replays_and_comparisons_are_of_the_logs_of_a_jurisdiction(told: Desk) -> None:
    keeper = told.service.database.pool("keeper")
    for path in ("/v1/replays", "/v1/diffs"):
        job = await asked(told, path, {"jurisdictions": ["ID"], "tz": "Asia/Jakarta"}, "regulator")
        question = await keeper.fetchval("SELECT question FROM job WHERE job_id = $1", job["id"])
        assert sorted(msgspec.json.decode(question)["moment"]["logs"]) == [RIVAL, SHOP]
