"""Section 12's questions about what authorities order, ask and find out: Q23, Q24, Q40, Q41."""

from msgspec.json import encode

from tests.api.asking import Row, found, on, record
from tests.api.desk import JSON, SHOP, Desk, Event, Json, corrected, event, voided

PLATFORM = "platform:shop"


def order(name: str, event_type: str, time: str, authority: str = "kominfo", **data: Json) -> Event:
    """Return what happened to an order; the event is called by both."""
    return event(f"{event_type}-{name}", event_type, f"order:{authority}:{name}", time, **data)


def received(name: str, urgency: str, time: str, authority: str = "kominfo") -> list[Event]:
    """Return that an order to take something down was issued, and received at once."""
    data = {"kind": "TAKEDOWN", "number": name, "urgency": urgency}
    return [order(name, "OrderIssued", time, authority, **data), order(name, "OrderReceived", time, authority)]


def given(name: str, time: str, authority: str = "kominfo") -> Event:
    """Return that an order was given effect."""
    return order(name, "OrderEffectGiven", time, authority, extent="FULL", effect_at=time)


async def test_q23_which_orders_missed_the_limit_of_24_or_4_hours_and_whose_they_were(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-20",
        *received("1", "NORMAL", on("01-10")),
        *received("2", "URGENT", on("01-10")),
        *received("3", "NORMAL", on("01-10")),
        *received("4", "URGENT", on("01-10"), "saman"),
        given("1", on("01-10", 20)),
        given("2", on("01-10", 14)),
    )
    await record(desk, "01-25", given("3", on("01-11", 8)), given("4", on("01-12"), "saman"))

    async def missed(as_of: str, known_at: str) -> list[Row]:
        limits = [f"ID-{scheme}-{urgency}" for scheme in ("KOMINFO5", "SAMAN") for urgency in ("NORMAL", "URGENT")]
        query = {"rule": limits, "status": ["MISSED", "MET_LATE"], "known_at": known_at}
        names = ("subject", "rule", "status", "lag")
        late = await found(desk, "deadlines", names, as_of, **query)
        orders = await found(desk, "authority-orders", ("subject", "authority"), as_of, known_at=known_at)
        return [(authority, *row) for row in late for name, authority in orders if row[0] == name]

    urgent = ("kominfo", "2", "ID-KOMINFO5-URGENT", "MET_LATE", "PT3600S")

    async def beside(as_of: str) -> list[Row]:
        orders = await found(desk, "authority-orders", ("subject", "deadlines"), as_of, known_at="01-25")
        return [(name, [(one["rule"], one["due"], one["status"]) for one in deadlines]) for name, deadlines in orders]

    unmet = ("saman", "4", "ID-SAMAN-URGENT", "MISSED", None)
    assert await missed("01-10", "01-20") == [urgent, unmet]
    assert await missed("01-15", "01-20") == [urgent, ("kominfo", "3", "ID-KOMINFO5-NORMAL", "MISSED", None), unmet]
    normal, morning = ("ID-KOMINFO5-NORMAL", "2026-01-11T02:00:00.000000Z"), "2026-01-10T06:00:00.000000Z"
    assert await beside("01-10") == [
        ("1", [(*normal, "MET")]),
        ("2", [("ID-KOMINFO5-URGENT", morning, "MET_LATE")]),
        ("3", [(*normal, "PENDING")]),
        ("4", [("ID-SAMAN-URGENT", morning, "MISSED")]),
    ]
    assert await missed("01-15", "01-25") == [urgent, ("saman", "4", "ID-SAMAN-URGENT", "MET_LATE", "P1DT72000S")]


async def test_q24_which_steps_of_the_ladder_of_sanctions_were_skipped(clocked_desk: Desk) -> None:
    desk = clocked_desk

    def sanction(step: str, time: str) -> Event:
        data = {"step": step, "ladder": "ID-MoTR-31"}
        return event(f"sanction-{step}", "SanctionImposed", "order:kemendag:1", time, **data)

    await record(
        desk,
        "01-31",
        sanction("WRITTEN_WARNING_1", on("01-05")),
        sanction("WRITTEN_WARNING_2", on("01-10")),
        sanction("PRIORITY_SUPERVISION_LIST", on("01-20")),
    )
    await record(desk, "02-05", sanction("WRITTEN_WARNING_3", on("01-15")))

    async def skipped(as_of: str, known_at: str) -> list[Row]:
        flags = await found(desk, "flags", ("event", "detail"), as_of, known_at=known_at, flag="LADDER_SKIPPED")
        orders = await found(desk, "authority-orders", ("step", "step_number"), as_of, known_at=known_at)
        return [*flags, *orders]

    second = ("WRITTEN_WARNING_2", 2)
    listed = ("PRIORITY_SUPERVISION_LIST", 4)
    jump = ("sanction-PRIORITY_SUPERVISION_LIST", "The sanction is step 4; step 2 was the last before it.")
    assert await skipped("01-12", "01-31") == [second]
    assert await skipped("01-20", "01-31") == [jump, listed]
    assert await skipped("01-20", "02-05") == [listed]


async def test_q40_which_requests_for_information_are_overdue_by_whom_and_since_when(desk: Desk) -> None:
    def asked(name: str, due: str) -> Event:
        return order(name, "InformationRequested", on("01-05"), "kemenkop", due=due, addressee=PLATFORM)

    answer: Event = {"request_event_id": "InformationRequested-2", "extent": "FULL"}
    await desk.tell(
        asked("1", "2026-01-10"),
        asked("2", "2026-01-10"),
        asked("3", "2026-01-20"),
        order("2", "InformationProvided", on("01-15"), "kemenkop", **answer),
    )

    async def overdue(as_of: str) -> list[Row]:
        names = ("subject", "authority", "addressee", "overdue_from")
        return await found(desk, "information-requests", names, as_of, status="OVERDUE")

    whose = ("kemenkop", PLATFORM)
    tenth, twentieth = "2026-01-10T17:00:00.000000Z", "2026-01-20T17:00:00.000000Z"
    assert await overdue("01-10") == []
    assert await overdue("01-11") == [("1", *whose, tenth), ("2", *whose, tenth)]
    assert await overdue("01-21") == [("1", *whose, tenth), ("3", *whose, twentieth)]


async def test_q41_what_came_of_investigations_offline(clocked_desk: Desk) -> None:
    desk = clocked_desk
    raid = "investigation:shop:V1"

    def reported(number: int, time: str, minor: int, currency: str, **data: Json) -> Event:
        value = {"amount_minor": minor, "currency": currency}
        data = {"authority": "Police", "value": value, **data}
        return event(f"reported-{number}", "EnforcementActionReported", raid, time, **data)

    await record(
        desk,
        "01-31",
        event("opened", "InvestigationOpened", raid, on("01-05"), kind="OFFLINE"),
        event("elsewhere", "InvestigationOpened", "investigation:shop:V2", on("01-05"), kind="ONLINE"),
        event("referred", "LeadReferred", raid, on("01-10"), to_authority="Police", count=3),
        reported(1, on("01-15"), 500, "IDR", suspects=2, premises=1),
        reported(2, on("01-20"), 700, "IDR", premises=2),
        reported(3, on("01-20"), 90, "CNY", suspects=1),
    )
    await record(desk, "02-05", voided("void", raid, "reported-3"))
    await record(desk, "02-06", corrected("fix", raid, "reported-2", data={"premises": 1}))

    async def came_of(as_of: str, known_at: str) -> list[Row]:
        query = {"kind": "OFFLINE", "known_at": known_at}
        listed = await found(desk, "investigations", ("subject", "leads", "actions", "values"), as_of, **query)
        return [
            (
                name,
                [(lead["count"], lead["state"]) for lead in leads or ()],
                sum(action.get("suspects", 0) for action in actions or ()),
                sum(action.get("premises", 0) for action in actions or ()),
                values,
            )
            for name, leads, actions, values in listed
        ]

    answered = [(3, "ACTION_REPORTED")]
    assert await came_of("01-09", "01-31") == [("V1", [], 0, 0, {})]
    assert await came_of("01-12", "01-31") == [("V1", [(3, "REFERRED")], 0, 0, {})]
    assert await came_of("01-20", "01-31") == [("V1", answered, 3, 3, {"IDR": 1_200, "CNY": 90})]
    assert await came_of("01-20", "02-06") == [("V1", answered, 2, 2, {"IDR": 1_200})]


async def test_an_orders_deadlines_are_by_the_law_known_then_and_the_same_sizes_give_the_same_bytes(
    desk: Desk,
) -> None:
    laws = await desk.service.create_log("laws", "REGISTER", "Asia/Jakarta", "ID", "PUBLIC")
    rule = {
        "rule_id": "ID-KOMINFO5-NORMAL",
        "version": "of everybody",
        "applies_to": "ORDER",
        "scope": "ALL_PRODUCTS",
        "when": {"field": "urgency", "op": "eq", "value": "NORMAL"},
        "then": "DEADLINE",
        "params": {"limit": {"length": "PT48H", "counting": "CLOCK"}},
        "severity": "HIGH",
    }
    await desk.tell(*received("1", "NORMAL", on("01-10"), "kppu"))
    query: Event = {"who": "operator", "log": SHOP, "as_of": "2026-01-20", "tz": "Asia/Jakarta"}
    before = await desk.ask("GET", "/v1/authority-orders", **query)
    law = event("law", "PolicyRuleDefined", "policy:kppu", on("01-01"), **rule)
    await desk.append(encode(law), laws.slug, JSON)
    await desk.follow()
    after = await desk.ask("GET", "/v1/authority-orders", **query)
    sizes = [f"{slug}:{at['size']}" for slug, at in before.json()["logs"].items()]
    again = await desk.ask("GET", "/v1/authority-orders", **query, size=sizes)

    told = [answer.json()["items"][0]["deadlines"] for answer in (before, after)]
    assert [[(one["version"], one["status"]) for one in deadlines] for deadlines in told] == [
        [],
        [("of everybody", "MISSED")],
    ]
    assert (sorted(sizes), again.content) == (["laws:0", "shop:2"], before.content)
