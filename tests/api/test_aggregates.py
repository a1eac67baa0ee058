"""Counts of logs for who does not see them: of at least ten, of a whole list, and of nothing that tells ten apart."""

import pytest

from ledger.tokens import create_token
from tests.api.desk import CLOUDEVENTS, OPEN, RIVAL, SHOP, Desk, Json, published, voided

LISTED = "/v1/listings"
WHOLE: dict[str, Json] = {"log": SHOP, "count": "true", "as_of": "2026-01-20", "tz": "Asia/Jakarta"}
K = 10


@pytest.fixture
async def press(desk: Desk) -> Desk:
    """Return the desk with tokens of the two roles, and one fewer listings in a closed log than are counted."""
    keeper = desk.service.database.pool("keeper")
    for role in ("RESEARCHER", "PUBLIC"):
        desk.tokens = {**desk.tokens, role: await create_token(keeper, role, [], None)}
    await desk.tell(*(published(f"L{number}") for number in range(K - 1)))
    return desk


async def count(desk: Desk, who: str, **query: Json) -> Json:
    return (await desk.get(LISTED, who=who, **{**WHOLE, **query}))["count"]


async def status(desk: Desk, who: str, **query: Json) -> int:
    return (await desk.ask("GET", LISTED, who=who, **{**WHOLE, **query})).status_code


@pytest.mark.parametrize("who", ["RESEARCHER", "PUBLIC"])
async def test_a_closed_log_is_counted_from_ten_on(press: Desk, who: str) -> None:
    assert (await count(press, who), await count(press, "writer")) == (None, K - 1)
    await press.tell(published("one-more"))
    assert await count(press, who) == K


@pytest.mark.parametrize(
    "query",
    [
        {"count": "false"},
        {"subject": "listing:shop:L1"},
        {"subject_prefix": "listing:"},
        {"seller": "seller:shop:S1"},
        {"size": f"{SHOP}:5"},
        {"known_at": "2026-01-20"},
        {"certainty": "POSSIBLE"},
        {"as_of": "2026-01-20T00:00:00Z"},
        {"log": [SHOP, RIVAL]},
        {"limit": "1"},
    ],
)
async def test_what_would_tell_them_apart_is_refused(press: Desk, query: dict[str, Json]) -> None:
    await press.tell(*(published(f"more-{number}") for number in range(K)))
    response = await press.ask("GET", LISTED, who="RESEARCHER", **{**WHOLE, **query})
    assert (response.status_code, response.json()["type"]) == (403, "/problems/forbidden")


async def test_a_list_that_is_worked_out_is_counted_likewise(press: Desk) -> None:
    await press.tell(published("last"))
    counts: list[Json] = []
    for name in (*(f"L{number}" for number in range(K - 1)), "last"):
        await press.tell(voided(f"void-{name}", f"listing:shop:{name}", f"pub-{name}"))
        counts.append((await press.get("/v1/corrections", **{"who": "RESEARCHER", **WHOLE}))["count"])
    assert counts == [None] * (K - 1) + [K]


async def test_a_restricted_log_is_not_counted_nor_one_that_a_token_does_not_name(press: Desk) -> None:
    await press.service.create_log("secret", "PLATFORM", "Asia/Jakarta", "ID", "RESTRICTED")
    keeper = press.service.database.pool("keeper")
    press.tokens = {**press.tokens, "elsewhere": await create_token(keeper, "RESEARCHER", [RIVAL], None)}
    asked = [("RESEARCHER", "secret"), ("elsewhere", SHOP), ("elsewhere", RIVAL), ("RESEARCHER", "none")]
    assert [await status(press, who, log=log) for who, log in asked] == [403, 403, 200, 404]


async def test_a_public_log_is_counted_as_it_is_for_everybody(press: Desk) -> None:
    await press.send([published("A"), published("B")], log=OPEN, media=CLOUDEVENTS)
    await press.follow()
    assert await count(press, "RESEARCHER", log=OPEN, subject="listing:shop:A") == 1


async def test_that_a_closed_log_was_counted_is_recorded(press: Desk) -> None:
    await count(press, "RESEARCHER")
    await press.service.accesses.flush(over=False)
    accesses = (await press.get("/v1/accesses", who="operator", log=SHOP))["items"]
    assert [(one["role"], one["scope"]) for one in accesses] == [("RESEARCHER", [{"log": SHOP, "subject": None}])]
