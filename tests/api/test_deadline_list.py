"""The list of deadlines: what is due, by the rules and calendars of the log and of the registers the asker reads."""

from collections.abc import AsyncGenerator

import pytest

from ledger.database import Database
from ledger.tokens import create_token
from tests.api.desk import OPEN, SHOP, Desk, Event, Json, corrected, event, filed, open_desk, outcome, voided

REGISTER = "laws"
LATER = "2022-01-01T00:00:00Z"
WORKING_DAYS = "ID-UUPK-55"
CASE = "takedown_case:tmall:T02"
FORWARDED = "2020-10-15T03:00:00Z"


@pytest.fixture
async def lawful_desk(database: Database) -> AsyncGenerator[Desk]:
    """Yield a desk with a REGISTER log beside the others; `writer` may read and write it, `shopkeeper` not."""
    async with open_desk(database) as desk:
        await desk.service.create_log(REGISTER, "REGISTER", "Asia/Jakarta", "ID", "PUBLIC")
        keeper = database.pool("keeper")
        writer = await create_token(keeper, "PLATFORM_WRITER", [SHOP, OPEN, REGISTER], None)
        tokens = {**desk.tokens, "writer": writer, "shopkeeper": desk.tokens["writer"]}
        yield Desk(desk.service, desk.client, tokens)


def calendar(event_id: str = "cal", holidays: tuple[str, ...] = ("2021-10-20",), time: str = "2021-01-01") -> Event:
    """Return that the working days of 2021 in Indonesia are known."""
    data: Event = {"year": 2021, "holidays": list(holidays), "weekend": [6, 7]}
    return event(event_id, "CalendarPublished", "calendar:ID", f"{time}T00:00:00Z", **data)


def forwarded(number: int, time: str = FORWARDED) -> Event:
    """Return that a counter-notice on an item was forwarded: within fifteen days a suit, or the item comes back."""
    data = {"item_no": number, "delivered_at": time}
    return event(f"fwd-{number}", "CounterNoticeForwarded", CASE, time, **data)


def case(*numbers: int) -> list[Event]:
    """Return a takedown case in China whose items were all countered, and the counter-notices forwarded."""
    items = [{"item_no": number} for number in numbers]
    return [
        event("notice", "NoticeReceived", CASE, "2020-10-10T03:00:00Z", regime="CN_ECL", items=items),
        *[
            event(f"ctr-{n}", "CounterNoticeSubmitted", CASE, "2020-10-14T03:00:00Z", item_no=n, attempt=1)
            for n in numbers
        ],
        *[forwarded(number) for number in numbers],
    ]


def complaint() -> Event:
    """Return that a consumer's claim was received by a board in Indonesia, which has 21 working days."""
    return filed("D5", "2021-10-01T03:00:00Z") | {"subject": "dispute:bpsk:D5"}


def decided() -> Event:
    """Return that the board decided, five days after the last of them."""
    return outcome("D5", "2021-11-08T03:00:00Z") | {"subject": "dispute:bpsk:D5"}


def suit(number: int, time: str) -> Event:
    """Return that legal action on an item was notified."""
    data = {"item_no": number, "forum": "COURT", "filed_on": time[:10]}
    return event(f"suit-{number}", "LegalActionNotified", CASE, time, **data)


async def deadlines(desk: Desk, **query: Json) -> list[dict[str, Json]]:
    """Return the items."""
    found: list[dict[str, Json]] = (await desk.get("/v1/deadlines", **({"as_of": LATER} | query)))["items"]
    return found


async def outcomes(desk: Desk, **query: Json) -> list[tuple[str, str, Json, Json]]:
    """Return rule, status, why it is undetermined and the local date of each."""
    return [
        (one["rule"], one["status"], one["undetermined_by"], one["due_on"]) for one in await deadlines(desk, **query)
    ]


async def test_a_dispute_is_due_in_working_days_of_the_registers_calendar(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(calendar(), log=REGISTER)
    await desk.tell(complaint(), decided())
    assert await deadlines(desk, rule=WORKING_DAYS) == [
        {
            "log": SHOP,
            "subject": "dispute:bpsk:D5",
            "rule": WORKING_DAYS,
            "version": "1",
            "key": None,
            "trigger": "filed-D5",
            "triggered_at": "2021-10-01T03:00:00.000000Z",
            "status": "MET_LATE",
            "undetermined_by": None,
            "earliest": None,
            "due": "2021-11-02T16:59:59.999999Z",
            "due_on": "2021-11-02",
            "met_at": "2021-11-08T03:00:00.000000Z",
            "met_by": "outcome-D5-1",
            "instead_by": None,
            "lag": "P5DT36000.000001S",
            "early": False,
            "extended_by": None,
            "beyond_maximum": None,
            "paused": None,
            "paused_since": None,
            "calendar": "calendar:ID",
            "calendar_version": 1,
        }
    ]
    due = "2021-11-02"
    for as_of, status in (("2021-11-02T16:59:59.999999Z", "PENDING"), ("2021-11-02T17:00:00Z", "MISSED")):
        assert await outcomes(desk, rule=WORKING_DAYS, as_of=as_of) == [(WORKING_DAYS, status, None, due)]
    assert await deadlines(desk, rule=WORKING_DAYS, as_of="2021-10-01T02:59:59Z") == []


async def test_who_may_not_read_the_register_that_holds_the_calendar_is_told_that_it_cannot_be_told(
    lawful_desk: Desk,
) -> None:
    desk = lawful_desk
    await desk.tell(calendar(), log=REGISTER)
    await desk.tell(complaint())
    told = await outcomes(desk, rule=WORKING_DAYS, log=SHOP)
    untold = await outcomes(desk, rule=WORKING_DAYS, log=SHOP, who="shopkeeper")
    assert told == [(WORKING_DAYS, "MISSED", None, "2021-11-02")]
    assert untold == [(WORKING_DAYS, "UNDETERMINED", "CALENDAR", None)]


async def test_a_logs_own_calendar_goes_before_the_registers(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(calendar(), log=REGISTER)
    await desk.tell(calendar(holidays=("2021-10-20", "2021-10-21")), log=OPEN)
    await desk.tell(complaint())
    await desk.tell(complaint() | {"timezone": "Asia/Jakarta"}, log=OPEN)
    found = await deadlines(desk, rule=WORKING_DAYS)
    assert [(one["log"], one["due_on"]) for one in found] == [(SHOP, "2021-11-02"), (OPEN, "2021-11-03")]


async def test_an_amended_calendar_moves_what_is_due_for_those_who_know_of_it(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(calendar(), log=REGISTER)
    await desk.tell(complaint(), decided())
    amended = event("am", "CalendarAmended", "calendar:ID", "2021-10-01T00:00:00Z", year=2021, added=["2021-11-02"])
    await desk.tell(amended, log=REGISTER)
    assert [one["due_on"] for one in await deadlines(desk, rule=WORKING_DAYS)] == ["2021-11-03"]
    sizes = [f"{SHOP}:2", f"{REGISTER}:1"]
    assert [one["due_on"] for one in await deadlines(desk, rule=WORKING_DAYS, size=sizes)] == ["2021-11-02"]


async def test_a_policy_overrides_the_register_from_its_own_time_on(lawful_desk: Desk) -> None:
    desk = lawful_desk
    rule: Event = {
        "rule_id": "CN-ECL-43",
        "version": "own",
        "applies_to": "CASE",
        "scope": "ALL_PRODUCTS",
        "when": {"field": "regime", "op": "eq", "value": "CN_ECL"},
        "then": "DEADLINE",
        "params": {"limit": {"length": "P20D", "counting": "CALENDAR_DAYS"}, "zone": "America/New_York"},
        "severity": "HIGH",
    }
    await desk.tell(*case(1))
    await desk.tell(event("law", "PolicyRuleDefined", "policy:cn:ecl", "2020-01-01T00:00:00Z", **rule), log=REGISTER)
    found = await deadlines(desk, rule="CN-ECL-43", as_of="2020-10-20T00:00:00Z")
    assert [(one["version"], one["due_on"], one["status"]) for one in found] == [("own", "2020-11-03", "PENDING")]
    (shipped,) = await deadlines(desk, rule="CN-ECL-43", as_of="2020-10-20T00:00:00Z", size=[f"{SHOP}:3", "laws:0"])
    assert (shipped["version"], shipped["due"], shipped["due_on"]) == ("1", "2020-10-30T03:00:00.000000Z", None)


async def test_deadlines_are_filtered_paged_and_counted(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(*case(1, 2, 10), suit(2, "2020-10-20T03:00:00Z"), complaint())
    rule = "CN-ECL-43"
    whole = await deadlines(desk, rule=rule)
    assert [(one["key"], one["status"]) for one in whole] == [
        ("1", "MISSED"),
        ("2", "NOT_APPLICABLE"),
        ("10", "MISSED"),
    ]
    assert await deadlines(desk, rule=rule, key="10") == whole[2:]
    assert await deadlines(desk, rule=rule, status="NOT_APPLICABLE") == whole[1:2]
    assert await deadlines(desk, rule=rule, subject_prefix="dispute:") == []
    assert (await desk.get("/v1/deadlines", rule=rule, as_of=LATER, count="true"))["count"] == 3
    everything = await deadlines(desk)
    assert {one["rule"] for one in everything} == {rule, WORKING_DAYS}
    paged: list[Json] = []
    query: dict[str, Json] = {"as_of": LATER, "limit": 2}
    while True:
        page = await desk.get("/v1/deadlines", **query)
        paged += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert paged == everything


async def test_corrections_and_voids_of_what_triggers_move_a_deadline_or_take_it_away(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(*case(1))
    rule, at = "CN-ECL-43", "2020-11-01T00:00:00Z"
    moved = {"time": "2020-10-20T03:00:00Z", "data": {"delivered_at": "2020-10-20T03:00:00Z"}}
    await desk.tell(corrected("moved", CASE, "fwd-1", **moved))
    await desk.tell(voided("gone", CASE, "fwd-1"))
    found = [await deadlines(desk, rule=rule, as_of=at, size=[f"{SHOP}:{size}"]) for size in (3, 4, 5)]
    assert [[(one["status"], one["due"]) for one in items] for items in found] == [
        [("MISSED", "2020-10-30T03:00:00.000000Z")],
        [("PENDING", "2020-11-04T03:00:00.000000Z")],
        [],
    ]


async def test_a_day_that_may_be_before_or_after_the_due_instant_leaves_it_undetermined(lawful_desk: Desk) -> None:
    desk = lawful_desk
    await desk.tell(*case(1), suit(1, "2020-10-29T16:00:00Z") | {"timeprecision": "DAY", "timezone": "Asia/Shanghai"})
    found = await deadlines(desk, rule="CN-ECL-43", as_of=LATER)
    assert [(one["status"], one["undetermined_by"]) for one in found] == [("UNDETERMINED", "PRECISION")]
