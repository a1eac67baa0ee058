"""Notifiers: what came of their notices, and the tier that makes them due (domain.md 13.2, D16, D17, Q16, Q51)."""

from typing import Any

import pytest

from tests.api.desk import OPEN, SHOP, Desk, Event, Json, corrected, event, voided

HOLDER, OTHER, GOOD = "party:holder", "party:other", "GOOD_FAITH"
CASE = "takedown_case:shop"


def notice(name: str, time: str, items: int = 1, **data: Json) -> Event:
    """Return that a notice came, of the holder unless it says otherwise."""
    of = {"notifier_party_id": HOLDER, "notifier_size_class": "SMALL", "notifier_tier": "STANDARD"}
    numbered = [{"item_no": number} for number in range(1, items + 1)]
    return event(f"notice-{name}", "NoticeReceived", f"{CASE}:{name}", time, items=numbered, **(of | data))


def act(name: str, kind: str, time: str, item_no: int = 1, **data: Json) -> Event:
    """Return what was done to one item of a case."""
    return event(f"{kind}-{name}-{item_no}", kind, f"{CASE}:{name}", time, item_no=item_no, **data)


def actioned(name: str, time: str, item_no: int = 1) -> Event:
    """Return that an item was taken down."""
    return act(name, "TakedownActioned", time, item_no, measure="REMOVED")


def threshold(version: str, time: str, rate: str, most: str, window: str = "P3M") -> Event:
    """Return a version of the rule of who is due the good-faith tier."""
    when = {
        "all": [
            {"field": "takedown_success_rate", "op": "gte", "value": "0.90"},
            {"field": rate, "op": "lte", "value": most},
        ]
    }
    data = {"rule_id": "good-faith", "version": version, "applies_to": "CASE", "when": when, "then": "THRESHOLD"}
    params = {"tier": GOOD, "window": window}
    return event(f"rule-{version}", "PolicyRuleDefined", "policy:shop:good-faith", time, **data, params=params)


def rate(numerator: int, denominator: int, decimal: str | None, *of: str, censored: int) -> dict[str, Any]:
    """Return a rate as an answer writes it."""
    return {
        "numerator": numerator,
        "denominator": denominator,
        "decimal": decimal,
        "numerator_is": of[0],
        "denominator_is": of[1],
        "clock": "received_at",
        "censored": censored,
    }


async def items(desk: Desk, **query: Json) -> list[dict[str, Any]]:
    """Return the items of the list; its dates are Jakarta's."""
    found: list[dict[str, Any]] = (await desk.get("/v1/notifiers", **{"tz": "Asia/Jakarta", **query}))["items"]
    return found


async def test_a_notifier_is_counted_by_what_came_of_each_item(desk: Desk) -> None:
    day = "2026-01-11T00:00:00Z"
    await desk.tell(
        notice("N1", "2026-01-10T00:00:00Z", 5),
        actioned("N1", day),
        act("N1", "TakedownDeclined", day, 2),
        event("rejected", "NoticeRejected", f"{CASE}:N1", day, item_nos=[3]),
        event("withdrawn", "NoticeWithdrawn", f"{CASE}:N1", day, item_nos=[4]),
        notice("N2", "2026-02-10T00:00:00Z", 1, notifier_size_class="LARGE", notifier_tier="ALLIANCE"),
        actioned("N2", "2026-02-11T00:00:00Z"),
        act("N2", "TakedownReversed", "2026-02-12T00:00:00Z", ground="PLATFORM_ERROR"),
        notice("N3", "2026-01-10T00:00:00Z", notifier_party_id=OTHER),
        event("notice-N4", "NoticeReceived", f"{CASE}:N4", "2026-01-10T00:00:00Z", items=[{"item_no": 1}]),
    )
    (holder, other) = await items(desk)
    assert holder == {
        "log": "shop",
        "subject": HOLDER,
        "notifier": HOLDER,
        "notices": 2,
        "submitted": 6,
        "received": 6,
        "actioned": 2,
        "declined": 1,
        "rejected": 1,
        "withdrawn": 1,
        "open": 1,
        "reversed": 1,
        "reversed_on_counter": 0,
        "takedown_success_rate": rate(2, 3, "0.6667", "actioned", "decided", censored=1),
        "upheld_counter_rate": rate(0, 2, "0.0000", "reversed_on_counter", "actioned", censored=1),
        "upheld_counter_rate_of_submitted": rate(0, 6, "0.0000", "reversed_on_counter", "submitted", censored=1),
        "tier": ["ALLIANCE", "STANDARD"],
        "tier_counts": {"ALLIANCE": 1, "STANDARD": 5},
        "size_class": ["LARGE", "SMALL"],
        "size_class_counts": {"LARGE": 1, "SMALL": 5},
        "abusive": 0,
        "abuses": [],
        "warnings": 0,
        "suspensions": 0,
        "suspended": False,
        "warned_before_suspension": None,
        "notices_while_suspended": 0,
        "memberships": [],
        "tier_held": [],
        "tier_due": [],
        "thresholds": [],
        "mismatch": False,
    }
    assert (other["subject"], other["submitted"], other["open"]) == (OTHER, 1, 1)
    assert other["takedown_success_rate"] == rate(0, 0, None, "actioned", "decided", censored=1)
    assert [one["subject"] for one in await items(desk, size_class="LARGE")] == [HOLDER]
    assert [one["subject"] for one in await items(desk, subject=OTHER, notifier=OTHER)] == [OTHER]
    assert await items(desk, log=OPEN) == []


async def test_a_date_asks_for_what_had_come_of_the_notices_by_then_and_a_window_for_those_of_it(desk: Desk) -> None:
    await desk.tell(
        notice("N1", "2026-01-10T17:30:00Z"),
        actioned("N1", "2026-01-20T00:00:00Z"),
        notice("N2", "2026-02-10T00:00:00Z"),
    )

    async def figures(**query: Json) -> list[tuple[int, int, int]]:
        return [(one["submitted"], one["actioned"], one["open"]) for one in await items(desk, **query)]

    assert await figures(as_of="2026-01-10") == []
    assert await figures(as_of="2026-01-11") == [(1, 0, 1)]
    assert await figures(as_of="2026-02-10") == [(2, 1, 1)]
    assert await figures(received_from="2026-01-11", received_to="2026-01-11") == [(1, 1, 0)]
    assert await figures(received_to="2026-01-10") == []
    assert await figures(received_from="2026-02-10T00:00:00Z") == [(1, 0, 1)]
    assert await desk.refusal("/v1/notifiers", received_from="soon") == (422, "invalid-time", "/received_from")
    twice = ["2026-01-11", "2026-01-12"]
    refused = await desk.refusal("/v1/notifiers", received_to=twice, log=SHOP)
    assert refused == (422, "invalid-parameter", "/received_to")


async def test_an_upheld_counter_notice_is_over_or_under_the_line_by_what_it_is_a_share_of(desk: Desk) -> None:
    day = "2026-01-11T00:00:00Z"
    events = [notice("N", "2026-01-10T00:00:00Z", 20), *(actioned("N", day, number) for number in range(1, 19))]
    events += [act("N", "TakedownDeclined", day, 19), act("N", "TakedownDeclined", day, 20)]
    events += [
        act("N", "CounterNoticeSubmitted", "2026-01-12T00:00:00Z"),
        act("N", "TakedownReversed", "2026-01-20T00:00:00Z", ground="COUNTER_NOTICE_UPHELD"),
        event("m", "MembershipAdmitted", "membership:good:1", "2025-01-01T00:00:00Z", party_id=HOLDER, tier=GOOD),
        threshold("of-actioned", "2026-01-01T00:00:00Z", "upheld_counter_rate", "0.05"),
        threshold("of-submitted", "2026-02-01T00:00:00Z", "upheld_counter_rate_of_submitted", "0.05"),
    ]
    await desk.tell(*events)

    async def standing(**query: Json) -> tuple[str, str, str, list[str], bool]:
        (item,) = await items(desk, **query)
        (judged,) = item["thresholds"]
        rates = [judged[name]["decimal"] for name in ("upheld_counter_rate", "upheld_counter_rate_of_submitted")]
        return (*rates, judged["met"], item["tier_due"], item["mismatch"])

    assert await standing(as_of="2026-01-15") == ("0.0000", "0.0000", "TRUE", [GOOD], False)
    assert await standing(as_of="2026-01-25") == ("0.0556", "0.0500", "FALSE", [], True)
    assert await standing(as_of="2026-02-05") == ("0.0556", "0.0500", "TRUE", [GOOD], False)
    assert len(await items(desk, as_of="2026-01-25", mismatch="true")) == 1
    assert await items(desk, as_of="2026-02-05", mismatch="true") == []
    (item,) = await items(desk, as_of="2026-01-25")
    assert item["memberships"] == [{"membership": "membership:good:1", "body": "body:good", "tier": GOOD}]
    assert item["tier_held"] == [GOOD]
    judged = {name: item["thresholds"][0][name] for name in ("policy", "rule_id", "version", "tier", "window")}
    assert judged == {
        "policy": "policy:shop:good-faith",
        "rule_id": "good-faith",
        "version": "of-actioned",
        "tier": GOOD,
        "window": "P3M",
    }


async def test_a_threshold_looks_back_over_its_window_alone_and_says_nothing_of_nothing(desk: Desk) -> None:
    await desk.tell(
        threshold("1", "2025-01-01T00:00:00Z", "upheld_counter_rate", "0.05", "P1M"),
        notice("old", "2025-12-31T00:00:00Z"),
        act("old", "TakedownDeclined", "2026-01-01T00:00:00Z"),
        notice("new", "2026-01-20T00:00:00Z"),
        actioned("new", "2026-01-21T00:00:00Z"),
    )

    async def met(as_of: str) -> tuple[str, int]:
        (item,) = await items(desk, as_of=as_of)
        return item["thresholds"][0]["met"], item["thresholds"][0]["submitted"]

    assert await met("2026-01-30T23:59:59Z") == ("FALSE", 2)
    assert await met("2026-01-31T00:00:00Z") == ("TRUE", 1)
    assert await met("2026-03-01T00:00:00Z") == ("UNDETERMINED", 0)


async def test_a_rule_that_names_no_tier_or_no_length_of_time_is_no_threshold_of_a_tier(desk: Desk) -> None:
    nameless = threshold("1", "2025-01-01T00:00:00Z", "upheld_counter_rate", "0.05")
    nameless["data"]["params"] = {"window": "P1M"}
    endless = threshold("2", "2025-01-02T00:00:00Z", "upheld_counter_rate", "0.05", "a while")
    lasting = threshold("3", "2025-01-03T00:00:00Z", "upheld_counter_rate", "0.05")
    lasting["data"]["params"] = {"tier": GOOD}
    await desk.tell(
        nameless, endless, lasting, notice("N", "2025-01-01T12:00:00Z"), actioned("N", "2025-01-01T13:00:00Z")
    )

    async def thresholds(as_of: str) -> tuple[list[Json], list[str]]:
        (item,) = await items(desk, as_of=as_of)
        return [one["window"] for one in item["thresholds"]], item["tier_due"]

    assert await thresholds("2025-01-01T18:00:00Z") == ([], [])
    assert await thresholds("2025-01-02T18:00:00Z") == ([], [])
    assert await thresholds("2026-01-01") == ([None], [GOOD])


async def test_a_notice_that_only_its_sender_tells_of_counts_when_it_was_sent(desk: Desk) -> None:
    sent = event("sent", "NoticeSubmitted", f"{CASE}:N", "2026-01-10T00:00:00Z", notice_ref="N", items=[{"item_no": 1}])
    await desk.tell(sent, notice("N", "2026-01-20T00:00:00Z"))
    (item,) = await items(desk, received_from="2026-01-20")
    assert (item["submitted"], item["received"]) == (1, 1)
    assert await items(desk, received_to="2026-01-19") == []


async def test_an_abusive_notifier_is_warned_then_not_listened_to(desk: Desk) -> None:
    def abuse(name: str, time: str, **data: Json) -> Event:
        return event(f"abuse-{name}", "NoticeFoundAbusive", f"{CASE}:{name}", time, finding="UNFOUNDED", **data)

    until = "2026-01-31"
    await desk.tell(
        notice("N1", "2026-01-05T00:00:00Z"),
        abuse("N1", "2026-01-10T00:00:00Z", measure="WARNING"),
        notice("N2", "2026-01-11T00:00:00Z"),
        abuse("N2", "2026-01-15T00:00:00Z", measure="PROCESSING_SUSPENDED_UNTIL", suspended_until=until),
        notice("N3", "2026-01-20T00:00:00Z"),
        notice("N4", "2026-02-01T00:00:00Z"),
    )
    names = ("abusive", "warnings", "suspensions", "suspended", "warned_before_suspension", "notices_while_suspended")

    async def said(**query: Json) -> list[Json]:
        (item,) = await items(desk, **query)
        return [item[name] for name in names]

    assert await said(as_of="2026-01-12") == [1, 1, 0, False, None, 0]
    assert await said(as_of="2026-01-31") == [2, 1, 1, True, True, 1]
    assert await said(as_of="2026-02-02") == [2, 1, 1, False, True, 1]
    (item,) = await items(desk)
    assert item["abuses"][1] == {
        "found_at": "2026-01-15T00:00:00.000000Z",
        "case": f"{CASE}:N2",
        "finding": "UNFOUNDED",
        "measure": "PROCESSING_SUSPENDED_UNTIL",
        "suspended_until": until,
        "over_from": "2026-01-31T17:00:00.000000Z",
    }


@pytest.mark.parametrize("basis", ["LEDGER", "SOURCE"])
async def test_a_correction_and_a_void_change_the_figures_for_those_who_know_of_them(desk: Desk, basis: str) -> None:
    receipts = await desk.tell(
        notice("N1", "2026-01-10T00:00:00Z", 2),
        actioned("N1", "2026-01-11T00:00:00Z"),
        actioned("N1", "2026-01-11T00:00:00Z", 2),
    )
    before = receipts[-1]["recordedtime"]
    await desk.tell(
        voided("v", f"{CASE}:N1", "TakedownActioned-N1-2"),
        corrected("c", f"{CASE}:N1", "notice-N1", data={"notifier_size_class": "LARGE"}),
    )
    names = ("actioned", "open", "size_class")
    for known_at, said in (({"known_at": before}, [2, 0, ["SMALL"]]), ({}, [1, 1, ["LARGE"]])):
        (item,) = await items(desk, basis=basis, **known_at)
        assert [item[name] for name in names] == said


async def test_notifiers_are_read_page_by_page_log_by_log(desk: Desk) -> None:
    others = [notice(name, "2026-01-10T00:00:00Z", notifier_party_id=f"party:{name}") for name in ("b", "a")]
    await desk.tell(*others)
    await desk.tell(notice("c", "2026-01-10T00:00:00Z", notifier_party_id="party:a"), log=OPEN)
    found: list[tuple[str, str]] = []
    cursor: dict[str, Json] = {}
    while not found or cursor["cursor"] is not None:
        page = await desk.get("/v1/notifiers", limit=1, **cursor)
        found += [(item["log"], item["subject"]) for item in page["items"]]
        cursor = {"cursor": page["next"]}
    assert found == [(SHOP, "party:a"), (SHOP, "party:b"), (OPEN, "party:a")]
