"""The lists of the views against replay, item by item and whole; `test_oracle_views.py` judges both."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from random import Random

import asyncpg
import msgspec
import pytest

import projections.lists
from ledger.database import Database
from ledger.errors import Refused
from ledger.feed import Feed
from ledger.store import read_heads
from projections.cursors import read_cursor
from projections.list_statements import ListOf, gather_statement
from projections.lists import LISTS, Cursor, list_items, read_filters
from projections.moment import TimeParameters, resolve
from projections.runner import Runner
from projections.views import VIEWS
from tests.histories import append_commits, make_appender, make_log
from tests.postgres.asking import Json, World, of_replay, random_time, replayed, resolved, sorted_json, whole_list

FAILS = "SELECT 1 / ($1::integer - $1), $2::text, $3::text, $4::integer, $5::text"


@pytest.mark.parametrize(("basis", "rounds"), [("LEDGER", 30), ("SOURCE", 6)])
async def test_a_replay_says_what_the_lists_say(world: World, basis: str, rounds: int) -> None:
    random = Random(basis)
    for _ in range(rounds):
        moment = await resolved(world, random_time(random, world, basis=basis))
        states = of_replay(await replayed(world, moment))
        for name in LISTS:
            items = [
                item
                for truth in (("true", "false") if name == "restrictions" else ("",))
                for item in await whole_list(world, name, moment, {"in_force": [truth]} if truth else {}, 1000)
            ]
            hiding = ("visible", "hidden_by") if name == "listings" else ()
            assert sorted_json(items, hiding) == sorted_json(states[name]), (name, moment)


@pytest.mark.parametrize("limit", [1, 3, 1000])
async def test_of_a_long_log_the_next_keys_are_read_at_once_and_pages_are_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    random = Random(limit)
    moments = [await resolved(world, random_time(random, world, basis="LEDGER")) for _ in range(3)]

    async def all_pages() -> list[list[Json]]:
        return [
            await whole_list(world, name, moment, given, limit)
            for moment in moments
            for name, given in (("listings", {}), ("listings", {"restricted": ["true"]}), ("restrictions", {}))
        ]

    pages, gathered = await all_pages(), list[str]()

    def noted(listed: ListOf, asked: Mapping[str, object]) -> str | None:
        gathered.append(listed.name)
        return gather_statement(listed, asked)

    monkeypatch.setattr(projections.lists, "SCATTERED_EVENTS", 1)
    monkeypatch.setattr(projections.lists, "GATHERED_MIN_KEYS", 1)
    monkeypatch.setattr(projections.lists, "gather_statement", noted)
    assert await all_pages() == pages
    assert set(gathered) == {"listings", "restrictions"}


async def test_only_of_a_long_log_keys_are_read_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = await resolved(world, TimeParameters())

    def failing(_listed: ListOf, _asked: Mapping[str, object]) -> str:
        return FAILS

    monkeypatch.setattr(projections.lists, "gather_statement", failing)
    size = min(at.size for at in moment.logs)
    monkeypatch.setattr(projections.lists, "SCATTERED_EVENTS", max(at.size for at in moment.logs) + 1)
    assert await whole_list(world, "listings", moment, {}, 1000)
    monkeypatch.setattr(projections.lists, "SCATTERED_EVENTS", size)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await whole_list(world, "listings", moment, {}, 1000)


async def test_closing_an_account_does_not_bring_back_what_its_ban_hides(
    clocked_database: Database, tmp_path: Path
) -> None:
    log = await make_log(clocked_database, "shop")
    appender = make_appender(clocked_database, tmp_path)
    ban = {"restriction_id": "B1", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    acts: list[tuple[str, str, Json]] = [
        ("ListingPublished", "listing:p1:l1", {"seller_id": "seller:p1:s1"}),
        ("SellerBanned", "seller:p1:s1", ban),
        ("SellerAccountClosed", "seller:p1:s1", {}),
    ]
    events: list[Json] = [
        {"specversion": "1.0", "id": f"e{day}", "source": "/t", "type": kind, "subject": subject, "data": data}
        | {"time": f"2024-01-0{day}T00:00:00Z"}
        for day, (kind, subject, data) in enumerate(acts, 1)
    ]
    await append_commits(appender, log, [(datetime.fromisoformat("2024-02-01T00:00:00Z"), events)])
    await appender.close()
    await Runner(clocked_database, Feed(clocked_database.pool("reader")), VIEWS).catch_up()
    heads = await read_heads(clocked_database.pool("reader"))
    found: list[tuple[bool, list[str]]] = []
    for day in (1, 2, 3):
        time = TimeParameters(as_of=f"2024-01-0{day}T12:00:00Z")
        moment = await resolve(clocked_database.pool("reader"), time, heads)
        filters = read_filters(LISTS["listings"], {})
        page = await list_items(clocked_database.pool("reader"), LISTS["listings"], moment, filters, None, 10)
        (item,) = [msgspec.json.decode(item) for item in page.items]
        found.append((item["visible"], item["hidden_by"]))
    assert found == [(True, []), (False, ["SELLER_BANNED"]), (False, ["SELLER_CLOSED"])]


async def test_a_cursor_that_is_none_is_refused() -> None:
    for text in ("", "x", "AAAA", "W10="):
        with pytest.raises(Refused) as refused:
            read_cursor(text, Cursor)
        assert [fault.code for fault in refused.value.faults] == ["invalid-cursor"]
