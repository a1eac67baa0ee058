"""The lists of the views against replay, item by item and whole; `test_oracle_views.py` judges both."""

from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from ledger.database import Database
from ledger.errors import Refused
from ledger.feed import Feed
from ledger.store import read_heads
from projections.cursors import read_cursor
from projections.lists import LISTS, Cursor, list_items, read_filters
from projections.moment import TimeParameters, resolve
from projections.runner import Runner
from projections.views import VIEWS
from tests.histories import append_commits, make_appender, make_log
from tests.postgres.asking import Json, World, of_replay, random_time, replayed, resolved, sorted_json, whole_list


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
