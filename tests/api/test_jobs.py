"""Jobs: replays and comparisons accepted, shown to whom they belong, cancelled, and kept with their results."""

import hashlib
from datetime import datetime

import msgspec
import pytest

from api import gate
from api.jobs_worker import Worker
from ledger.scopes import Grant
from ledger.tokens import create_token
from projections.jobs.queue import UNDER_WAY_MAX
from tests.api.asking import ZONE, day, on, record
from tests.api.desk import SHOP, Desk, Event, Json, corrected, event, published
from tests.api.working import REPLAY, asked, result_of, tell, worked


async def test_a_replay_is_accepted_and_its_result_is_what_a_fold_gives_with_the_manifest_that_says_so(
    desk: Desk,
) -> None:
    await tell(desk)
    queued = await asked(desk, "/v1/replays", REPLAY)
    assert {name: queued[name] for name in ("kind", "state", "progress", "started", "ended", "result", "problem")} == {
        "kind": "REPLAY",
        "state": "QUEUED",
        "progress": {"done": 0, "of": 0},
        "started": None,
        "ended": None,
        "result": None,
        "problem": None,
    }
    assert (await desk.ask("GET", f"/v1/jobs/{queued['id']}/result")).status_code == 404
    assert await Worker(desk.service).run_one()
    job = await desk.get(f"/v1/jobs/{queued['id']}")
    assert (job["state"], job["progress"]) == ("DONE", {"done": 4, "of": 4})
    response = await desk.ask("GET", job["result"]["url"])
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.headers["link"] == f'</v1/jobs/{job["id"]}/manifest>; rel="describedby"'
    manifest = await desk.get(f"/v1/jobs/{job['id']}/manifest")
    lines = [msgspec.json.decode(line) for line in response.content.splitlines()]
    assert [(line["log"], line["subject"]) for line in lines] == [(SHOP, f"listing:shop:L{n}") for n in range(3)]
    assert lines[0]["state"]["restrictions"][0]["restriction_id"] == "R0"
    digest = hashlib.sha256(response.content).hexdigest()
    assert (digest, digest) == (manifest["result_sha256"], job["result"]["sha256"])
    assert (job["result"]["manifest"], job["result"]["bytes"]) == (manifest, len(response.content))
    audit = await desk.get("/v1/logs/audit/events", who="operator", type="ReplayExecuted")
    assert [item["data"]["manifest"] for item in audit["items"]] == [manifest]


async def test_a_manifest_posted_again_reproduces_the_same_bytes_whatever_was_appended_since(desk: Desk) -> None:
    await tell(desk)
    first = await worked(desk, "/v1/replays", REPLAY)
    await desk.tell(published("L9"), corrected("fix", "listing:shop:L1", "pub-L1", data={"title": "Kain"}))
    again = await worked(desk, "/v1/replays", {"manifest": first["result"]["manifest"]})
    assert await result_of(desk, again) == await result_of(desk, first)
    assert again["result"]["manifest"] == first["result"]["manifest"]
    assert again["result"]["reproduces"] is True
    fresh = await worked(desk, "/v1/replays", REPLAY)
    assert fresh["result"]["sha256"] != first["result"]["sha256"]
    wrong = {**first["result"]["manifest"], "result_sha256": "0" * 64}
    assert (await worked(desk, "/v1/replays", {"manifest": wrong}))["result"]["reproduces"] is False


async def test_a_manifest_of_other_entries_is_refused_and_so_is_one_with_something_beside_it(desk: Desk) -> None:
    await tell(desk)
    manifest = (await worked(desk, "/v1/replays", REPLAY))["result"]["manifest"]
    forged = msgspec.json.decode(msgspec.json.encode(manifest))
    forged["logs"][SHOP]["root"] = "ab" * 32
    bodies: dict[str, Json] = {
        "/problems/other-root": {"manifest": forged},
        "/problems/invalid-parameter": {"manifest": manifest, "as_of": "2026-01-01"},
        "/problems/future-knowledge": {**REPLAY, "known_at": "2999-01-01"},
        "/problems/unknown-size": {**REPLAY, "sizes": {SHOP: 99}},
        "/problems/unknown-log": {**REPLAY, "logs": ["nowhere"]},
        "/problems/forbidden": {**REPLAY, "logs": ["rival"]},
        "/problems/invalid-event": {**REPLAY, "subject_prefix": "listing:\0"},
        "/problems/not-found": {**REPLAY, "logs": [], "jurisdictions": ["SG"]},
    }
    for problem, body in bodies.items():
        response = await desk.ask("POST", "/v1/replays", content=msgspec.json.encode(body))
        assert response.json()["type"] == problem, response.text
    assert len((await desk.get("/v1/jobs"))["items"]) == 1


async def test_a_replay_as_csv_has_a_header_and_the_manifest_of_its_lines(desk: Desk) -> None:
    await tell(desk)
    lines = await worked(desk, "/v1/replays", REPLAY)
    table = await worked(desk, "/v1/replays", {**REPLAY, "format": "csv"})
    content = (await result_of(desk, table)).decode()
    assert content.splitlines()[0] == "log,kind,subject,state"
    assert [row.split(",")[:3] for row in content.splitlines()[1:]] == [
        [SHOP, "listing", f"listing:shop:L{number}"] for number in range(3)
    ]
    assert table["result"]["manifest"] == lines["result"]["manifest"]
    assert table["result"]["sha256"] == hashlib.sha256(content.encode()).hexdigest()


async def test_no_personal_value_stands_in_a_result(desk: Desk) -> None:
    person: Event = {"kind": "NATURAL", "name": "Sari Dewi", "subject_id": "subject:s1"}
    await desk.tell(event("party", "PartyRegistered", "party:p1", **person))
    content = await result_of(desk, await worked(desk, "/v1/replays", REPLAY))
    assert b"subject:s1" in content
    assert b"Sari" not in content


async def test_a_job_is_its_tokens_own_and_a_result_is_for_who_may_still_read_the_logs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "CACHE_SECONDS", 0.0)  # what a token may is read anew each time
    await tell(desk)
    job = await worked(desk, "/v1/replays", REPLAY)
    keeper = desk.service.database.pool("keeper")
    desk.tokens = {**desk.tokens, "auditor": await create_token(keeper, "AUDITOR", [SHOP], None)}
    for path in ("", "/result", "/manifest"):
        assert (await desk.ask("GET", f"/v1/jobs/{job['id']}{path}", who="auditor")).status_code == 404
    assert (await desk.ask("DELETE", f"/v1/jobs/{job['id']}", who="auditor")).status_code == 404
    assert await desk.get("/v1/jobs", who="auditor") == {"items": [], "next": None}
    assert [item["id"] for item in (await desk.get("/v1/jobs"))["items"]] == [job["id"]]
    await keeper.execute("UPDATE token SET logs = ARRAY['open-shop'] WHERE logs = ARRAY['shop', 'open-shop']")
    assert (await desk.ask("GET", job["result"]["url"])).status_code == 403


async def test_who_has_a_window_replays_what_was_known_within_it(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(desk, "01-10", published("L1", on("01-05")))
    await record(desk, "01-20", published("L2", on("01-05")))
    keeper = desk.service.database.pool("keeper")
    until = (await desk.get("/v1/logs/shop/events/pub-L2"))["recordedtime"]
    grant = Grant(role="AUDITOR", window_to=datetime.fromisoformat(until))
    desk.tokens = {**desk.tokens, "auditor": await create_token(keeper, "AUDITOR", [SHOP], None, grant)}
    job = await worked(desk, "/v1/replays", {"as_of": day("01-31"), "tz": ZONE, "logs": [SHOP]}, "auditor")
    assert job["result"]["manifest"]["logs"][SHOP]["size"] == 1
    assert (await result_of(desk, job, "auditor")).count(b"\n") == 1
    later = msgspec.json.encode({**REPLAY, "known_at": day("01-25")})
    assert (await desk.ask("POST", "/v1/replays", who="auditor", content=later)).status_code == 403


async def test_deleting_a_queued_job_cancels_it_and_deleting_it_again_forgets_it(desk: Desk) -> None:
    job = await asked(desk, "/v1/replays", REPLAY)
    response = await desk.ask("DELETE", f"/v1/jobs/{job['id']}")
    assert (response.status_code, response.json()["state"]) == (200, "CANCELLED")
    assert not await Worker(desk.service).run_one()
    assert (await desk.get(f"/v1/jobs/{job['id']}"))["state"] == "CANCELLED"
    assert (await desk.ask("DELETE", f"/v1/jobs/{job['id']}")).status_code == 200
    assert (await desk.ask("GET", f"/v1/jobs/{job['id']}")).status_code == 404


async def test_a_token_has_so_many_jobs_under_way_and_hears_so(desk: Desk) -> None:
    for _ in range(UNDER_WAY_MAX):
        await asked(desk, "/v1/replays", REPLAY)
    response = await desk.ask("POST", "/v1/replays", content=msgspec.json.encode(REPLAY))
    assert (response.status_code, response.json()["type"]) == (429, "/problems/too-many-requests")
    assert response.headers["retry-after"] == "5"
    await asked(desk, "/v1/replays", {**REPLAY, "logs": ["rival"]}, "other")


async def test_a_diff_names_what_made_the_difference_and_its_manifest_reproduces_it(desk: Desk) -> None:
    await tell(desk)
    title = {"title": "Kain"}
    await desk.tell(corrected("fix", "listing:shop:L1", "pub-L1", data=title))
    body = {**REPLAY, "sizes": {SHOP: 4}, "and_sizes": {SHOP: 5}}
    job = await worked(desk, "/v1/diffs", body)
    content = await result_of(desk, job)
    (line,) = [msgspec.json.decode(text) for text in content.splitlines()]
    assert (line["subject"], line["after"]) == ("listing:shop:L1", title)
    assert [(one["id"], one["cause"]) for one in line["events"]] == [("pub-L1", "CORRECTED")]
    assert [one["id"] for one in line["events"][0]["corrections"]] == ["fix"]
    await desk.tell(published("L9"))
    again = await worked(desk, "/v1/diffs", {"manifest": job["result"]["manifest"]})
    assert (again["result"]["reproduces"], await result_of(desk, again)) == (True, content)
    table = await worked(desk, "/v1/diffs", {**body, "format": "csv"})
    assert (await result_of(desk, table)).splitlines()[0] == b"log,kind,subject,before,after,events"
