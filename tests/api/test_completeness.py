"""Completeness: closed periods against the log, gaps in its sources' counters, notices that were never received."""

from tests.api.desk import OPEN, SHOP, Desk, Event, Json, block, corrected, event, published, voided

PLATFORM = "platform:shop"
LATER = "2026-06-01T00:00:00Z"
JANUARY = {"period_start": "2026-01-01", "period_end": "2026-01-31"}


def closed(name: str = "jan", time: str = "2026-02-03T00:00:00Z", **data: Json) -> Event:
    """Return that the platform closed January."""
    return event(f"closed-{name}", "SubmissionPeriodClosed", PLATFORM, time, **(JANUARY | data))


def numbered(number: int, source: str = "/shop/moderation", time: str = "2026-01-10T03:00:00Z") -> Event:
    """Return a block that carries its source's own number."""
    return block(f"N{number}", "R", time) | {"nativeseq": number, "source": source}


def notice(ref: str, time: str, platform: str | None = PLATFORM) -> Event:
    """Return that a right holder sent a notice."""
    data = {"notice_ref": ref, "items": [{"item_no": 1}]} | ({} if platform is None else {"platform_id": platform})
    return event(f"sent-{ref}", "NoticeSubmitted", f"takedown_case:holder:{ref}", time, **data)


def receipt(ref: str, time: str, number: int = 1) -> Event:
    """Return that the platform received one."""
    data: Event = {"notice_ref": ref, "items": [{"item_no": 1}]}
    return event(f"got-{ref}-{number}", "NoticeReceived", f"takedown_case:shop:{ref}", time, **data)


async def completeness(desk: Desk, **query: Json) -> list[dict[str, Json]]:
    """Return the items."""
    found: list[dict[str, Json]] = (await desk.get("/v1/completeness", **({"as_of": LATER} | query)))["items"]
    return found


async def statuses(desk: Desk, **query: Json) -> list[tuple[str, Json]]:
    """Return the status of each period, and what is missing of its numbers."""
    return [(one["status"], one["missing"]) for one in await completeness(desk, kind="PERIOD", **query)]


async def test_a_closed_period_is_compared_with_what_the_log_holds_of_it(desk: Desk) -> None:
    totals = {"ListingBlocked": 3, "ListingReinstated": 0}
    await desk.tell(
        block("A", "R", "2026-01-01T00:00:00+07:00"),
        block("B", "R", "2026-01-31T16:59:59Z"),
        block("C", "R", "2026-01-31T17:00:00Z"),
        event("reg", "SellerRegistered", "seller:shop:S", "2026-01-15T00:00:00Z"),
        closed(totals=totals, attested_by="officer-1", nil_return=False),
    )
    assert await completeness(desk) == [
        {
            "log": SHOP,
            "subject": PLATFORM,
            "kind": "PERIOD",
            "status": "INCOMPLETE",
            "platform": PLATFORM,
            "period_start": "2026-01-01",
            "period_end": "2026-01-31",
            "closed_by": "closed-jan",
            "closed_at": "2026-02-03T00:00:00.000000Z",
            "attested_by": "officer-1",
            "nil_return": False,
            "totals": {
                "ListingBlocked": {"declared": 3, "recorded": 2, "possible": 2, "difference": -1},
                "ListingReinstated": {"declared": 0, "recorded": 0, "possible": 0, "difference": 0},
            },
            "undeclared": {"SellerRegistered": 1},
            "source": "/tests",
            "first_native_seq": None,
            "last_native_seq": None,
            "missing": None,
        }
    ]
    assert await completeness(desk, as_of="2026-02-02T23:59:59Z") == []


async def test_what_arrives_late_completes_a_period_for_those_who_know_of_it(desk: Desk) -> None:
    await desk.tell(block("A", "R"), closed(totals={"ListingBlocked": 2}))
    await desk.tell(block("B", "R"))
    await desk.tell(voided("void", "listing:shop:A", "block-A-R"))
    await desk.tell(corrected("moved", "listing:shop:B", "block-B-R", time="2025-12-31T00:00:00Z"))
    found = [await completeness(desk, size=[f"{SHOP}:{size}", f"{OPEN}:0"]) for size in (2, 3, 4, 5)]
    assert [(one["status"], one["totals"]["ListingBlocked"]["recorded"]) for (one,) in found] == [
        ("INCOMPLETE", 1),
        ("COMPLETE", 2),
        ("INCOMPLETE", 1),
        ("INCOMPLETE", 0),
    ]


async def test_a_period_is_undetermined_while_an_event_may_be_of_it_or_not_or_nothing_was_declared(desk: Desk) -> None:
    month = {"timeprecision": "MONTH", "timezone": "Asia/Jakarta"}
    await desk.tell(
        block("A", "R", "2025-12-31T17:00:00Z") | month,
        block("B", "R"),
        closed("two", totals={"ListingBlocked": 2}, period_end="2026-01-30"),
        closed("one", totals={"ListingBlocked": 1}, period_end="2026-01-30"),
        closed("three", totals={"ListingBlocked": 3}, period_end="2026-01-30"),
        closed("whole", totals={"ListingBlocked": 2}),
        closed("nothing"),
    )
    found = {one["closed_by"].removeprefix("closed-"): one["status"] for one in await completeness(desk)}
    assert found == {
        "one": "UNDETERMINED",
        "two": "UNDETERMINED",
        "three": "INCOMPLETE",
        "whole": "COMPLETE",
        "nothing": "UNDETERMINED",
    }


async def test_a_nil_return_is_complete_only_if_the_log_holds_nothing_of_the_period(desk: Desk) -> None:
    await desk.tell(block("A", "R", "2025-12-10T00:00:00Z"), closed(nil_return=True))
    assert await statuses(desk) == [("COMPLETE", None)]
    await desk.tell(block("B", "R"))
    assert await statuses(desk) == [("INCOMPLETE", None)]


async def test_numbers_that_a_source_skipped_are_listed_and_counted_against_the_period(desk: Desk) -> None:
    await desk.tell(
        numbered(2),
        numbered(3),
        numbered(7),
        published("N7") | {"nativeseq": 7, "source": "/shop/moderation"},
        closed(first_native_seq=1, last_native_seq=9, totals={}) | {"source": "/shop/compliance"},
    )
    await desk.tell(voided("void", "listing:shop:N3", "block-N3-R"))
    assert await statuses(desk) == [("INCOMPLETE", 6)]
    gaps = await completeness(desk, kind="SEQUENCE_GAP", platform=PLATFORM)
    common = {"log": SHOP, "kind": "SEQUENCE_GAP", "status": "INCOMPLETE", "platform": PLATFORM}
    source = {"source": "/shop/moderation"}
    assert gaps == [
        common | source | {"subject": "listing:shop:N2", "from": 1, "to": 1, "missing": 1, "shown_by": "block-N2-R"},
        common | source | {"subject": "listing:shop:N7", "from": 4, "to": 6, "missing": 3, "shown_by": "block-N7-R"},
        common | source | {"subject": PLATFORM, "from": 8, "to": 9, "missing": 2, "shown_by": "closed-jan"},
    ]
    await desk.tell(*[numbered(number) for number in (1, 4, 5, 6, 8, 9)])
    assert await completeness(desk, kind="SEQUENCE_GAP") == []
    assert await statuses(desk) == [("COMPLETE", 0)]


async def test_which_of_several_counters_a_period_speaks_of_is_not_guessed(desk: Desk) -> None:
    await desk.tell(
        numbered(1, "/shop/moderation"),
        numbered(3, "/shop/disputes"),
        numbered(5, "/shop/disputes"),
        closed(first_native_seq=1, last_native_seq=1, totals={}) | {"source": "/shop/compliance"},
        closed("own", "2026-02-04T00:00:00Z", first_native_seq=1, last_native_seq=1, totals={})
        | {"source": "/shop/moderation"},
    )
    assert await statuses(desk) == [("UNDETERMINED", None), ("COMPLETE", 0)]
    gaps = await completeness(desk, kind="SEQUENCE_GAP")
    assert [(one["source"], one["from"], one["to"]) for one in gaps] == [("/shop/disputes", 4, 4)]


async def test_a_number_that_came_with_an_event_to_come_is_no_gap(desk: Desk) -> None:
    await desk.tell(numbered(1), numbered(2, time="2026-03-01T00:00:00Z"), numbered(3))
    assert await completeness(desk, as_of="2026-02-01T00:00:00Z") == []


async def test_a_number_counts_for_those_who_know_of_its_entry(desk: Desk) -> None:
    await desk.tell(
        numbered(1) | {"sourcetime": "2026-01-11T00:00:00Z"},
        numbered(3) | {"sourcetime": "2026-01-12T00:00:00Z"},
        numbered(2) | {"sourcetime": "2026-01-13T00:00:00Z"},
    )
    assert await completeness(desk) == []
    assert [one["missing"] for one in await completeness(desk, size=[f"{SHOP}:2", f"{OPEN}:0"])] == [1]
    by_source = {"basis": "SOURCE", "known_at": "2026-01-12T12:00:00Z"}
    assert [one["missing"] for one in await completeness(desk, **by_source)] == [1]


async def test_a_notice_is_complete_once_the_platform_recorded_that_it_received_it(desk: Desk) -> None:
    await desk.tell(event("plat", "PlatformRegistered", PLATFORM, "2025-01-01T00:00:00Z", slug="shop"))
    sent = "2026-01-10T00:00:00Z"
    await desk.tell(*[notice(ref, sent) for ref in ("late", "lost", "taken", "elsewhere")], log=OPEN)
    await desk.tell(notice("day", sent) | {"timeprecision": "DAY"}, log=OPEN)
    await desk.tell(receipt("taken", "2026-01-11T00:00:00Z"), receipt("late", "2026-01-11T00:00:01Z"))
    await desk.tell(receipt("day", "2026-01-11T01:00:00Z"), receipt("lost", sent))
    await desk.tell(voided("void", "takedown_case:shop:lost", "got-lost-1"))
    await desk.tell(receipt("elsewhere", sent), log=OPEN)
    notices = {one["notice_ref"]: one for one in await completeness(desk, kind="NOTICE")}
    assert {ref: (one["status"], one["late"], one["received_in"]) for ref, one in notices.items()} == {
        "day": ("COMPLETE", None, SHOP),
        "elsewhere": ("INCOMPLETE", None, None),
        "late": ("COMPLETE", True, SHOP),
        "lost": ("INCOMPLETE", None, None),
        "taken": ("COMPLETE", False, SHOP),
    }
    assert notices["taken"] == {
        "log": OPEN,
        "subject": "takedown_case:holder:taken",
        "kind": "NOTICE",
        "status": "COMPLETE",
        "platform": PLATFORM,
        "notice_ref": "taken",
        "notice": "sent-taken",
        "submitted_at": "2026-01-10T00:00:00.000000Z",
        "due": "2026-01-11T00:00:00.000000Z",
        "late": False,
        "received_by": "got-taken-1",
        "received_at": "2026-01-11T00:00:00.000000Z",
        "received_in": SHOP,
    }
    assert [one["notice_ref"] for one in await completeness(desk, status="INCOMPLETE")] == ["elsewhere", "lost"]
    assert await completeness(desk, platform="platform:other") == []


async def test_a_notice_is_not_due_within_a_day_and_undetermined_where_its_own_time_is(desk: Desk) -> None:
    await desk.tell(notice("hour", "2026-01-10T00:00:00Z", None), log=OPEN)
    month = {"timeprecision": "MONTH", "timezone": "UTC"}
    await desk.tell(notice("month", "2026-01-01T00:00:00Z") | month, log=OPEN)
    for as_of, certainty, expected in (
        ("2026-01-11T00:00:00Z", "CERTAIN", {"hour": "PENDING"}),
        ("2026-01-11T00:00:01Z", "CERTAIN", {"hour": "INCOMPLETE"}),
        ("2026-01-11T00:00:01Z", "POSSIBLE", {"hour": "INCOMPLETE", "month": "UNDETERMINED"}),
        ("2026-02-02T00:00:00Z", "CERTAIN", {"hour": "INCOMPLETE", "month": "INCOMPLETE"}),
    ):
        found = await completeness(desk, as_of=as_of, certainty=certainty)
        assert {one["notice_ref"]: one["status"] for one in found} == expected
    await desk.tell(receipt("hour", "2026-01-10T05:00:00Z"))
    (hour,) = await completeness(desk, subject="takedown_case:holder:hour")
    assert (hour["status"], hour["received_in"]) == ("COMPLETE", SHOP)


async def test_pages_of_completeness_hold_each_item_once_and_in_order(desk: Desk) -> None:
    await desk.tell(numbered(1), numbered(3), numbered(5), closed(totals={"ListingBlocked": 3}))
    await desk.tell(notice("N", "2026-01-10T00:00:00Z"))
    await desk.tell(notice("N", "2026-01-10T00:00:00Z"), log=OPEN)
    whole = await completeness(desk)
    assert [(one["log"], one["kind"]) for one in whole] == [
        (SHOP, "SEQUENCE_GAP"),
        (SHOP, "SEQUENCE_GAP"),
        (SHOP, "PERIOD"),
        (SHOP, "NOTICE"),
        (OPEN, "NOTICE"),
    ]
    paged: list[Json] = []
    query: dict[str, Json] = {"as_of": LATER, "limit": 1}
    while True:
        page = await desk.get("/v1/completeness", **query)
        paged += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert paged == whole
    assert (await desk.get("/v1/completeness", as_of=LATER, count="true"))["count"] == len(whole)
