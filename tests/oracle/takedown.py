"""Takedown cases, item by item: `domain.md` 6.4."""

from collections.abc import Sequence

from tests.oracle.knowledge import Event, Item

SETS_ITEM = {
    "NoticeReturned": "RETURNED",
    "NoticeRejected": "REJECTED",
    "NoticeWithdrawn": "WITHDRAWN",
    "TakedownActioned": "ACTIONED",
    "TakedownDeclined": "DECLINED",
    "CounterNoticeSubmitted": "COUNTER_NOTICED",
    "CounterNoticeRejected": "COUNTER_REJECTED",
    "CounterNoticeForwarded": "FORWARDED",
    "MeasureMaintained": "MAINTAINED",
    "TakedownReversed": "REVERSED",
}
DOWN = {"ACTIONED", "COUNTER_NOTICED", "COUNTER_REJECTED", "FORWARDED"}
NOTIFIER = ("notifier_party_id", "notifier_size_class", "notifier_tier", "regime")


def items_of(events: Sequence[Event]) -> dict[int, Item]:
    """Return the items of a case (6.4). What the notices say of the case stands for items that none of them names."""
    items: dict[int, Item] = {}
    of_case: Item = {}

    def item(number: int) -> Item:
        return items.setdefault(number, {"state": None, "listing_id": None})

    for event in events:
        kind, data = event["type"], event["data"]
        numbers = data.get("item_nos") or ([data["item_no"]] if "item_no" in data else [])
        match kind:
            case "NoticeSubmitted" | "NoticeReceived":
                said = {name: data[name] for name in NOTIFIER if name in data}
                of_case = {**said, **of_case}
                for named in data.get("items") or ():
                    one = item(named["item_no"])
                    one.update(said, listing_id=named.get("listing_id", one["listing_id"]))
                    opens = (None,) if kind == "NoticeSubmitted" else (None, "SUBMITTED", "RETURNED")
                    if one["state"] in opens:
                        one["state"] = "SUBMITTED" if kind == "NoticeSubmitted" else "RECEIVED"
            case "NoticeSupplemented":
                all_returned = [number for number, one in items.items() if one["state"] == "RETURNED"]
                for number in all_returned if data.get("item_nos") is None else numbers:
                    if item(number)["state"] in (None, "RETURNED"):
                        item(number)["state"] = "RECEIVED"
            case "LegalActionNotified":
                for number in numbers:
                    if item(number)["state"] in DOWN:
                        item(number)["state"] = "MAINTAINED"
            case "TakedownCaseClosed":
                for one in items.values():
                    if one["state"] in {"ACTIONED", "COUNTER_REJECTED"}:
                        one["state"] = "CLOSED"
            case _ if kind in SETS_ITEM:
                for number in numbers:
                    item(number)["state"] = SETS_ITEM[kind]
                    if kind == "TakedownActioned":
                        item(number)["listing_id"] = data.get("listing_id") or item(number)["listing_id"]
            case _:
                pass
    return {number: {"item_no": number, **dict.fromkeys(NOTIFIER), **of_case, **one} for number, one in items.items()}
