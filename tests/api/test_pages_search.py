"""The page of the search: what it finds is what its link to the API answers, and its address is the search."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from projections.event_search import SEARCH, EventSearch
from tests.api.desk import CLOUDEVENTS, OPEN, SHOP, Desk, block, published
from tests.api.page import Shown, shown

MANY = 60
"""Events of one log: more than a page has rows."""


@pytest.fixture(scope="module")
async def told(shared_desk: Desk) -> Desk:
    """Return a desk with sixty listings in one log, and two blocked ones, of which one is in another log."""
    many = [published(f"L{number:02}", title="batik") for number in range(MANY)]
    assert (await shared_desk.send(many, media=CLOUDEVENTS)).status_code == 201
    await shared_desk.tell(block("L01", "R1", decision_facts="kain palsu"))
    await shared_desk.tell(published("O1"), block("O1", "R1", decision_facts="kain palsu"), log=OPEN)
    await EventSearch(shared_desk.service.database, shared_desk.service.feed).catch_up()
    return shared_desk


def api_link(page: Shown) -> str:
    """Return the link of the API by which the same is had as JSON."""
    (link,) = (one for one in page.links if urlsplit(one).path.endswith("/events") and "format=" not in one)
    return link


def events_of(page: Shown) -> set[str]:
    return {link for link in page.links if link.startswith("/workbench/events/")}


async def test_words_find_events_of_every_log_and_each_leads_to_its_page_and_subject(told: Desk) -> None:
    page = await shown(told, "/workbench/search?q=kain+palsu&order=asc")
    assert page.status == 200
    assert "2 events, and no more. They come log by log." in page.text
    assert events_of(page) == {
        f"/workbench/events/{SHOP}/block-L01-R1",
        f"/workbench/events/{OPEN}/block-O1-R1",
    }
    assert "ListingBlocked block-L01-R1 listing:shop:L01 in shop decision_facts: kain palsu" in page.text
    assert "/workbench/subject?subject=listing%3Ashop%3AL01" in page.links
    assert [item["id"] for item in (await told.get(api_link(page)))["items"]] == ["block-L01-R1", "block-O1-R1"]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("type=ListingBlocked SellerBanned", [("type", "ListingBlocked"), ("type", "SellerBanned")]),
        ("subject=listing:shop:L01", [("subject", "listing:shop:L01")]),
        ("subject_prefix=listing:", [("subject_prefix", "listing:")]),
        ("jurisdiction=ID GB", [("jurisdiction", "ID"), ("jurisdiction", "GB")]),
        (f"log={SHOP}&log={OPEN}", [("log", SHOP), ("log", OPEN)]),
        ("time_from=2026-01-10", [("time_from", "2026-01-09T17:00:00.000000Z")]),
        ("time_to=2026-01-10", [("time_to", "2026-01-10T16:59:59.999999Z")]),
        ("recorded_from=2026-01-10T00:00:00Z", [("recorded_from", "2026-01-10T00:00:00Z")]),
        ("recorded_to=2026-01-10T00:00:00Z", [("recorded_to", "2026-01-10T00:00:00Z")]),
        ("q=kain palsu", [("q", "kain"), ("q", "palsu")]),
    ],
)
async def test_each_filter_is_the_apis_and_a_date_is_a_day_of_the_readers_zone(
    told: Desk, query: str, asked: list[tuple[str, str]]
) -> None:
    page = await shown(told, f"/workbench/search?{query}", zone="Asia/Jakarta")
    assert page.status == 200
    link = urlsplit(api_link(page))
    assert (link.path, parse_qsl(link.query)) == ("/v1/events", [*asked, ("order", "desc"), ("limit", "50")])


async def test_the_next_page_goes_on_where_this_one_ended_and_none_is_missed(told: Desk) -> None:
    first = await shown(told, f"/workbench/search?log={SHOP}&type=ListingPublished")
    assert "50 events, and there may be more." in first.text
    (following,) = (link for link in first.links if "cursor=" in link and link.startswith("/workbench/search"))
    second = await shown(told, following)
    assert "10 events, and no more." in second.text
    assert len(events_of(first)) == 50
    assert events_of(first) | events_of(second) == {f"/workbench/events/{SHOP}/pub-L{n:02}" for n in range(MANY)}


async def test_what_is_on_the_screen_and_all_that_is_found_can_be_taken_along(told: Desk) -> None:
    page = await shown(told, f"/workbench/search?log={SHOP}&type=ListingPublished")
    sizes: dict[tuple[str, str], int] = {}
    for link in page.links:
        if "format=" in link:
            lines = (await told.ask("GET", link)).text.splitlines()
            sizes[urlsplit(link).path, link.rpartition("=")[2]] = len(lines)
    assert sizes == {
        (f"/v1/logs/{SHOP}/events", "ndjson"): 50,
        (f"/v1/logs/{SHOP}/events", "csv"): 51,
        (f"/v1/logs/{SHOP}/export", "ndjson"): MANY + 1,
        (f"/v1/logs/{SHOP}/export", "csv"): MANY + 2,
    }


async def test_an_address_is_the_link_to_its_search_and_each_reader_sees_what_is_theirs(told: Desk) -> None:
    page = await shown(told, "/workbench/search?q=kain&order=asc")
    assert "/workbench/search?q=kain&order=asc" in page.links
    other = await shown(told, "/workbench/search?q=kain&order=asc", who="other")
    assert (other.status, "Nothing was found." in other.text, events_of(other)) == (200, True, set())


async def test_what_cannot_be_asked_is_said_above_the_results_and_the_form_stays(told: Desk) -> None:
    page = await shown(told, "/workbench/search?time_from=yesterday&q=kain")
    assert page.status == 422
    assert "is no RFC 3339 instant with offset" in page.text
    assert "Took effect from" in page.text
    forbidden = await shown(told, "/workbench/search?log=rival")
    assert (forbidden.status, "this token may not read log rival" in forbidden.text) == (403, True)


async def test_what_the_search_has_not_reached_is_found_in_the_log_all_the_same(told: Desk) -> None:
    async with told.service.database.owner() as connection:
        await connection.execute("DELETE FROM event_search")
        await connection.execute("UPDATE cursor SET position = 0 WHERE view = $1", SEARCH)
    page = await shown(told, "/workbench/search?q=palsu")
    assert len(events_of(page)) == 2


async def test_the_page_speaks_indonesian(told: Desk) -> None:
    page = await shown(told, "/workbench/search?q=palsu", language="id")
    assert "2 peristiwa, dan tidak ada lagi." in page.text
