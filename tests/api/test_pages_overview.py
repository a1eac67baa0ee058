"""The overview without a browser: of a ledger that has only begun, and of one in which something happened."""

from projections.event_search import EventSearch
from tests.api.desk import CLOUDEVENTS, Desk, block, published
from tests.api.page import shown


async def test_a_ledger_that_holds_nothing_has_an_overview(desk: Desk) -> None:
    page = await shown(desk, "/?patient=true", who="operator")
    assert page.status == 200
    assert "There are none." in page.text


async def test_events_of_one_month_alone_are_told_without_a_chart(desk: Desk) -> None:
    await desk.send([published("L1"), published("L2"), block("L1", "R-1")], media=CLOUDEVENTS)
    await desk.follow()
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    page = await shown(desk, "/?patient=true", who="operator")
    assert page.status == 200
    assert "ListingBlocked" in page.text
    assert (await shown(desk, "/?clock=RECORDED&patient=true", who="operator")).status == 200


async def test_whoever_may_read_no_log_sees_an_overview_of_none(desk: Desk) -> None:
    await desk.send([published("L1")], media=CLOUDEVENTS)
    page = await shown(desk, "/?patient=true", who="other", language="id")
    assert page.status == 200
    assert "listing:shop:L1" not in page.text
