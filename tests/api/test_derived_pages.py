"""Pages of lists that are worked out: each reads about so much, however little of it is found."""

import pytest

from api.derived import PAGE_EVENTS_MIN
from tests.api.desk import CLOUDEVENTS, SHOP, Desk, published
from tests.api.desk import event as told

LISTINGS = PAGE_EVENTS_MIN * 3 // 2
LAST = f"L{LISTINGS - 1:05}"


@pytest.fixture(scope="module")
async def filled(shared_desk: Desk) -> Desk:
    """Return a desk with many listings, of which the last one's start was corrected."""
    correction = told(
        "corrected",
        "EventCorrected",
        f"listing:shop:{LAST}",
        "2026-01-06T00:00:00Z",
        target_event_id=f"pub-{LAST}",
        reason_code="CLERICAL",
        set={"time": "2026-01-04T00:00:00Z"},
    )
    events = [published(f"L{number:05}") for number in range(LISTINGS)]
    assert (await shared_desk.send(events, media=CLOUDEVENTS)).status_code == 201
    await shared_desk.tell(correction)
    return shared_desk


async def pages_of(desk: Desk, path: str) -> list[int]:
    """Walk a list, and return how many items each of its pages had."""
    found: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await desk.get(f"{path}{f'&cursor={cursor}' if cursor else ''}", who="operator")
        found.append(len(page["items"]))
        cursor = page["next"]
    return found


async def test_a_page_that_would_read_much_to_find_little_ends_and_the_next_goes_on(filled: Desk) -> None:
    assert await pages_of(filled, f"/v1/corrections?log={SHOP}&limit=10") == [0, 1]


async def test_whoever_asks_for_more_items_waits_for_more_events(filled: Desk) -> None:
    assert await pages_of(filled, f"/v1/corrections?log={SHOP}&limit=1000") == [1]


async def test_a_count_is_of_all(filled: Desk) -> None:
    assert (await filled.get(f"/v1/corrections?log={SHOP}&count=true", who="operator"))["count"] == 1


@pytest.mark.parametrize("name", ["flags", "deadlines", "referrals"])
async def test_a_walk_ends_and_meets_nothing_twice(filled: Desk, name: str) -> None:
    count = (await filled.get(f"/v1/{name}?log={SHOP}&count=true", who="operator"))["count"]
    assert sum(await pages_of(filled, f"/v1/{name}?log={SHOP}&limit=10")) == count
