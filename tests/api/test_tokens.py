"""Tokens: made, listed, rotated and revoked; hashed at rest, in no log and in no error; and wrong ones are cheap."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.json import encode

from api.cli import parser
from api.gate import Gate
from api.problems import Unauthorised
from ledger.database import Database
from ledger.errors import InputError, NotFound
from ledger.tokens import GRACE_MAX, create_token, find_credential, list_tokens, revoke_token, rotate_token
from tests.api.desk import SHOP, Desk, Json

NEW: Json = {"role": "AUDITOR", "logs": [SHOP], "purpose": "engagement 7", "window_to": "2027-01-01T00:00:00Z"}


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a token may be read anew each time."""
    monkeypatch.setattr("api.gate.CACHE_SECONDS", 0.0)


async def made(desk: Desk, **given: Json) -> Json:
    """Return what the answer to a new token says."""
    response = await desk.ask("POST", "/v1/tokens", who="operator", content=encode({**NEW, **given}))
    assert (response.status_code, response.headers["cache-control"]) == (201, "no-store"), response.text
    return response.json()


async def statuses(desk: Desk, *tokens: str) -> list[int]:
    """Return the status with which each token may ask."""
    headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    return [(await desk.client.get("/v1/logs", headers=one)).status_code for one in headers]


async def test_a_token_is_made_listed_and_revoked_over_http(desk: Desk) -> None:
    new = await made(desk)
    listed = await desk.ask("GET", "/v1/tokens", who="operator")
    (item,) = [one for one in listed.json()["items"] if one["token_id"] == new["token_id"]]
    assert {name: item[name] for name in ("role", "logs", "purpose", "window_to", "expires", "revoked")} == {
        "role": "AUDITOR",
        "logs": [SHOP],
        "purpose": "engagement 7",
        "window_to": "2027-01-01T00:00:00Z",
        "expires": None,
        "revoked": None,
    }
    assert new["token"].split("_")[2] not in listed.text
    assert await statuses(desk, new["token"]) == [200]
    revoked = await desk.ask("DELETE", f"/v1/tokens/{new['token_id']}", who="operator")
    assert (revoked.status_code, revoked.json()["token_id"]) == (200, new["token_id"])
    assert await statuses(desk, new["token"]) == [401]


@pytest.mark.parametrize(
    "given",
    [{"role": "SELLER"}, {"role": "SYSTEM"}, {"role": "nobody"}, {"logs": []}, {"jurisdictions": ["XX"]}, {"more": 1}],
)
async def test_a_token_that_cannot_be_is_refused(desk: Desk, given: Json) -> None:
    response = await desk.ask("POST", "/v1/tokens", who="operator", content=encode({**NEW, **given}))
    assert response.status_code == 422


async def test_a_token_for_a_log_that_is_not_there_is_refused_as_the_document_says(desk: Desk) -> None:
    response = await desk.ask("POST", "/v1/tokens", who="operator", content=encode({**NEW, "logs": ["none"]}))
    assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown-log")
    document = await desk.get("/schema/openapi.json", who=None)
    assert str(response.status_code) in document["paths"]["/v1/tokens"]["post"]["responses"]


async def test_a_rotated_tokens_former_secret_counts_for_a_while_or_no_more(desk: Desk) -> None:
    first = await made(desk)
    path = f"/v1/tokens/{first['token_id']}/rotation"
    second = (await desk.ask("POST", path, who="operator")).json()
    assert await statuses(desk, first["token"], second["token"]) == [200, 200]
    third = (await desk.ask("POST", path, who="operator", content=b'{"grace_seconds":0}')).json()
    assert await statuses(desk, first["token"], second["token"], third["token"]) == [401, 401, 200]
    assert third["token_id"] == first["token_id"]


@pytest.mark.parametrize("hours", ["nan", "inf", "1e30", "soon"])
def test_a_grace_that_is_no_number_of_hours_is_a_wrong_use_of_the_command(hours: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args(["token", "rotate", "none", "--grace-hours", hours])


async def test_a_revoked_token_is_not_rotated_nor_one_for_ever(desk: Desk) -> None:
    keeper = desk.service.database.pool("keeper")
    token_id = (await made(desk))["token_id"]
    with pytest.raises(InputError):
        await rotate_token(keeper, token_id, GRACE_MAX + timedelta(seconds=1))
    await revoke_token(keeper, token_id)
    with pytest.raises(NotFound):
        await rotate_token(keeper, token_id)


async def test_no_secret_is_kept_as_it_is(desk: Desk) -> None:
    secret = (await made(desk))["token"].split("_")[2]
    pool = desk.service.database.pool("keeper")
    await rotate_token(pool, (await list_tokens(pool))[-1].token_id)
    kept = str(await pool.fetch("SELECT token::text FROM token"))
    assert secret not in kept


async def test_no_token_is_in_a_log_or_an_error(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = desk.tokens["writer"]
    secret = token.split("_")[2]
    wrong = f"{token[:-2]}{'00' if token[-2:] != '00' else '11'}"
    headers: Sequence[Json] = [{"Authorization": f"Bearer {one}"} for one in (token, wrong)]
    paths = ("/v1/logs", "/v1/nothing", f"/v1/logs/{SHOP}/events?limit=0", "/v1/metrics")
    texts = [(await desk.client.get(path, headers=one)).text for path in paths for one in headers]
    texts += [(await desk.ask("DELETE", f"/v1/tokens/{token}", who="operator")).text]
    texts += [record.getMessage() for record in caplog.records if record.name != "httpx"]  # which is the client
    assert [text for text in texts if secret[:-2] in text] == []


async def test_what_cannot_be_a_token_asks_the_database_nothing_and_ids_that_are_none_are_asked_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.gate.CACHE_SECONDS", 60)
    asked: list[int] = []
    gate = Gate(desk.service.database.pool("keeper"))
    find = Gate.find

    async def counted(self: Gate, token_ids: Sequence[str]) -> Json:
        asked.append(len(token_ids))
        return await find(self, token_ids)

    monkeypatch.setattr(Gate, "find", counted)

    async def refused(token: str) -> None:
        with pytest.raises(Unauthorised):
            await gate.credential(f"Bearer {token}")

    for token in ("nonsense", "jejak_1_2", f"jejak_{'g' * 16}_{'0' * 64}", desk.tokens["writer"].upper()):
        await refused(token)
    assert asked == []
    wrong = [f"jejak_{secrets.token_hex(8)}_{'0' * 64}" for _ in range(500)]
    await asyncio.gather(*map(refused, wrong))
    assert (len(asked) <= 2, sum(asked)) == (True, 500)
    known = desk.tokens["writer"].rpartition("_")[0]
    await asyncio.gather(*(refused(f"{known}_{secrets.token_hex(32)}") for _ in range(500)))
    await asyncio.gather(*map(refused, wrong[:100]))
    assert (await gate.credential(f"Bearer {desk.tokens['writer']}")).role == "PLATFORM_WRITER"
    assert sum(asked) == 501


async def test_a_token_that_was_none_counts_soon_after_it_is_made(desk: Desk) -> None:
    assert await statuses(desk, f"jejak_{'0' * 16}_{'0' * 64}") == [401]
    assert await statuses(desk, (await made(desk))["token"]) == [200]


async def test_a_credential_is_found_by_its_token_alone(database: Database) -> None:
    keeper = database.pool("keeper")
    token = await create_token(keeper, "operator", [], None)
    found = await find_credential(keeper, token)
    assert found is not None
    assert (found.role, found.token_id) == ("operator", token.split("_")[1])
    assert await find_credential(keeper, token[:-1]) is None
