"""Receipts over HTTP: what an append is given that waits for its checkpoint, and what can be asked for later."""

from collections.abc import AsyncGenerator, Sequence

import httpx
import msgspec
import pytest

from ledger.checkpoints import read_checkpoints
from ledger.database import Database
from ledger.errors import Tampered
from ledger.receipts import make_receipts, prove_growth
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import TILE_WIDTH, leaf_hash
from ledger.tlog.note import parse_vkey
from ledger.tlog.proof import check_consistency
from ledger.tlog.receipt import check_receipt, parse_proof
from tests.api.desk import CLOUDEVENTS, OPEN, RIVAL, SHOP, Desk, Event, Json, open_desk, published

WAIT = {"Prefer": "wait=checkpoint", "Content-Type": CLOUDEVENTS}


async def append(
    desk: Desk, events: Sequence[Event], *, log: str = SHOP, prefer: str | None = "wait=checkpoint", **query: str
) -> httpx.Response:
    headers = {"Content-Type": CLOUDEVENTS, **({"Prefer": prefer} if prefer else {})}
    body = msgspec.json.encode(events)
    return await desk.ask("POST", f"/v1/logs/{log}/events", content=body, headers=headers, **query)


def listings(name: str, count: int) -> list[Event]:
    return [published(f"{name}-{number}") for number in range(count)]


async def checked(desk: Desk, proof: str, event_id: str, log: str = SHOP) -> Checkpoint:
    """Return the checkpoint of a receipt that our verifier accepts for an entry, by the log's open key."""
    key = parse_vkey((await desk.get(f"/v1/logs/{log}"))["key"])
    return check_receipt(parse_proof(proof.encode()), leaf_hash(await desk.entry(event_id, log)), [key])


async def test_an_append_that_waits_for_a_checkpoint_is_given_the_proof_of_each_event(desk: Desk) -> None:
    await desk.send(published("before"))
    events = listings("a", 3)
    response = await append(desk, events)
    assert response.status_code == 201, response.text
    answer = response.json()
    assert response.headers["preference-applied"] == "wait=checkpoint"
    assert [receipt["id"] for receipt in answer["receipts"]] == [event["id"] for event in events]
    for receipt in answer["receipts"]:
        checkpoint = await checked(desk, receipt["proof"], receipt["id"])
        assert (checkpoint.size, parse_proof(receipt["proof"].encode()).index) == (4, receipt["position"])
    described = await desk.get(f"/v1/logs/{SHOP}")
    assert described["checkpoint"] == answer["receipts"][0]["proof"].partition("\n\n")[2]
    assert (
        described["root"]
        == open_checkpoint(described["checkpoint"].encode(), [parse_vkey(described["key"])]).root.hex()
    )


async def test_an_append_that_does_not_wait_is_given_no_proof(desk: Desk) -> None:
    for prefer in (None, "wait=10", "respond-async"):
        response = await append(desk, listings(f"a{prefer or ''}".replace("=", "-"), 1), prefer=prefer)
        assert "preference-applied" not in response.headers
        assert [set(receipt) for receipt in response.json()["receipts"]] == [
            {"id", "position", "version", "recordedtime", "leaf_hash", "duplicate"}
        ]
    assert (await desk.get(f"/v1/logs/{SHOP}"))["checkpoint"] is None
    tried = await append(desk, listings("tried", 1), dry_run="true")
    assert "proof" not in tried.json()["receipts"][0]
    assert (await desk.get(f"/v1/logs/{SHOP}"))["checkpoint"] is None


async def test_what_is_sent_again_and_each_event_on_its_own_is_proved_too(desk: Desk) -> None:
    first = (await append(desk, listings("a", 2), prefer="respond-async, Wait=Checkpoint")).json()["receipts"]
    again = await append(desk, listings("a", 2))
    assert again.status_code == 200
    assert [{**receipt, "duplicate": True} for receipt in first] == again.json()["receipts"]
    wrong = {**published("wrong"), "type": "Nothing"}
    mixed = (await append(desk, [published("b"), wrong, published("c")], atomic="false")).json()["results"]
    assert [result["status"] for result in mixed] == [201, 422, 201]
    for index, name in ((0, "pub-b"), (2, "pub-c")):
        assert (await checked(desk, mixed[index]["receipt"]["proof"], name)).size == 4


async def test_events_of_many_tiles_are_proved_at_once(desk: Desk) -> None:
    receipts = (await append(desk, listings("a", 2 * TILE_WIDTH + 9))).json()["receipts"]
    for receipt in (*receipts[:2], receipts[TILE_WIDTH], *receipts[-2:]):
        assert (await checked(desk, receipt["proof"], receipt["id"])).size == len(receipts)


async def proof_of(desk: Desk, event_id: str, log: str = SHOP, **query: Json) -> httpx.Response:
    return await desk.ask("GET", f"/v1/logs/{log}/events/{event_id}/proof", **query)


async def test_an_event_is_proved_under_the_first_checkpoint_that_covers_it_or_under_any_later_one(
    desk: Desk,
) -> None:
    first = (await append(desk, listings("a", 3))).json()["receipts"]
    await append(desk, listings("b", 300))
    response = await proof_of(desk, "pub-a-1")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == first[1]["proof"]
    later = await proof_of(desk, "pub-a-1", size=303)
    assert (await checked(desk, later.text, "pub-a-1")).size == 303
    for size, status in ((302, 404), (1, 422), (304, 404), (0, 422), ("x", 422), (2**70, 422)):
        assert (await proof_of(desk, "pub-a-1", size=size)).status_code == status
    assert (await proof_of(desk, "nothing")).status_code == 404
    assert (await proof_of(desk, "pub-a-1", log=RIVAL)).status_code == 403


async def test_a_proof_that_is_asked_for_before_anything_is_signed_is_signed_for(desk: Desk) -> None:
    await desk.send(listings("a", 2), media=CLOUDEVENTS)
    assert (await checked(desk, (await proof_of(desk, "pub-a-0")).text, "pub-a-0")).size == 2


async def test_an_entry_of_one_log_is_not_proved_by_another(desk: Desk) -> None:
    await append(desk, listings("a", 2))
    await append(desk, listings("a", 2), log=OPEN)
    key = parse_vkey((await desk.get(f"/v1/logs/{OPEN}"))["key"])
    proof = parse_proof((await proof_of(desk, "pub-a-0")).content)
    with pytest.raises(ValueError, match="known"):
        check_receipt(proof, leaf_hash(await desk.entry("pub-a-0")), [key])


async def test_a_checkpoint_is_shown_by_its_size(desk: Desk) -> None:
    await append(desk, listings("a", 3))
    newest = (await desk.get(f"/v1/logs/{SHOP}"))["checkpoint"]
    shown = await desk.ask("GET", f"/v1/logs/{SHOP}/checkpoints/3")
    assert (shown.text, shown.headers["content-type"]) == (newest, "text/plain; charset=utf-8")
    for size in ("2", "4", "-1", str(2**64), "x"):
        assert (await desk.ask("GET", f"/v1/logs/{SHOP}/checkpoints/{size}")).status_code == 404
    assert (await desk.ask("GET", f"/v1/logs/{SHOP}/checkpoints/3", who="other")).status_code == 403


async def test_a_log_is_proved_to_have_only_grown_between_any_two_sizes(desk: Desk) -> None:
    for count in (1, 6, 300):
        await append(desk, listings(f"a{count}", count))
    for old, new in ((1, 307), (7, 307), (256, 257), (5, 6), (307, 307)):
        asked: dict[str, Json] = {"from": old, "to": new}
        answer = await desk.get(f"/v1/logs/{SHOP}/consistency", **asked)
        roots = [bytes.fromhex(answer[end]["root"]) for end in ("from", "to")]
        proof = [bytes.fromhex(value) for value in answer["proof"]]
        assert (answer["log"], answer["from"]["size"], answer["to"]["size"]) == (SHOP, old, new)
        check_consistency(old, roots[0], new, roots[1], proof)
    whole = await desk.get(f"/v1/logs/{SHOP}/consistency")
    assert (whole["from"]["size"], whole["to"]["size"], whole["proof"]) == (0, 307, [])
    assert whole["to"]["root"] == (await desk.get(f"/v1/logs/{SHOP}"))["root"]
    wrong: Sequence[dict[str, Json]] = ({"to": 308}, {"from": 9, "to": 8}, {"from": "x"}, {"to": "x"}, {"since": 3})
    for query in wrong:
        assert (await desk.ask("GET", f"/v1/logs/{SHOP}/consistency", **query)).status_code == 422
    assert (await desk.ask("GET", f"/v1/logs/{SHOP}/consistency", who="other")).status_code == 403


async def test_logs_are_listed_with_their_keys_and_an_unsigned_one_has_no_checkpoint(desk: Desk) -> None:
    await append(desk, listings("a", 1))
    items = (await desk.get("/v1/logs"))["items"]
    assert {item["slug"]: (parse_vkey(item["key"]).name, item["checkpoint"] is None) for item in items} == {
        SHOP: (f"jejak.local/ledger/{SHOP}", False),
        OPEN: (f"jejak.local/ledger/{OPEN}", True),
    }
    assert {item["halted"] for item in items} == {None}


async def halt(desk: Desk, log: str = SHOP) -> None:
    """Change what was signed behind the ledger's back, and let the signer find it."""
    async with desk.service.database.owner() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE event SET leaf_hash = sha256('x') WHERE position = 0")
    known = await desk.service.find_log(log)
    assert desk.service.signer is not None
    await desk.service.signer.step()
    await desk.service.signer.prepare(known)


async def test_a_halted_log_takes_nothing_and_everybody_is_told(desk: Desk) -> None:
    await append(desk, listings("a", 2))
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.status_code, ready.json()["logs_halted"]) == (200, 0)
    await halt(desk)
    refused = await append(desk, listings("b", 1))
    problem = refused.json()
    assert (refused.status_code, problem["type"], refused.headers["retry-after"]) == (
        503,
        "/problems/log-halted",
        "300",
    )
    assert "its first 2 entries have another root than was signed" in problem["detail"]
    assert "`jejak log reopen shop`" in problem["detail"]
    each = (await append(desk, listings("b", 1), atomic="false")).json()["results"]
    assert each[0]["problem"]["type"] == "/problems/log-halted"
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.status_code, ready.json()["status"], ready.json()["logs_halted"]) == (503, "halted", 1)
    assert "another root than was signed" in (await desk.get(f"/v1/logs/{SHOP}"))["halted"]["reason"]
    other = await append(desk, listings("b", 1), log=OPEN)
    assert (other.status_code, "proof" in other.json()["receipts"][0]) == (201, True)
    assert (await desk.ask("GET", f"/v1/logs/{SHOP}/events/pub-a-1")).status_code == 200


async def test_what_is_stored_and_does_not_prove_itself_never_leaves_as_a_receipt(desk: Desk) -> None:
    await append(desk, listings("a", 3))
    async with desk.service.database.owner() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE event SET leaf_hash = sha256('x') WHERE position = 1")
    response = await proof_of(desk, "pub-a-0")
    assert (response.status_code, response.json()["type"]) == (500, "/problems/internal")
    reader, log = desk.service.database.pool("reader"), await desk.service.find_log(SHOP)
    note = (await desk.get(f"/v1/logs/{SHOP}"))["checkpoint"].encode()
    with pytest.raises(Tampered, match="position 0"):
        await make_receipts(reader, log, {0: leaf_hash(await desk.entry("pub-a-0"))}, note)
    with pytest.raises(Tampered, match="from 2 to 9"):
        await prove_growth(reader, log, 2, 9)


@pytest.fixture
async def unsigning(database: Database) -> AsyncGenerator[Desk]:
    """Yield a desk of a process that signs nothing, as another does."""
    async with open_desk(database, sign="never") as opened:
        yield opened


async def test_where_another_process_signs_an_append_waits_for_it_and_is_answered_all_the_same_without(
    unsigning: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.service.CHECKPOINT_WAIT_SECONDS", 0.2)
    response = await append(unsigning, listings("a", 1))
    assert (response.status_code, "proof" in response.json()["receipts"][0]) == (201, False)
    late = await proof_of(unsigning, "pub-a-0")
    assert (late.status_code, late.json()["type"]) == (503, "/problems/busy")
    reader, log = unsigning.service.database.pool("reader"), await unsigning.service.find_log(SHOP)
    assert [page async for page in read_checkpoints(reader, log.log_id, log.origin)] == []
