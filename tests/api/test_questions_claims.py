"""Section 12's questions that hold what a platform says against what its log says: Q6 to Q9."""

from tests.api.asking import Row, evaluated, found, on, record
from tests.api.desk import SHOP, Desk, Event, Json, block, event, published, registered, voided

CLAIM = "claim:shop:local"
VERIFIED: Event = {"field": "verification", "op": "eq", "value": "VERIFIED"}
DOCUMENT_OF_HERE: Event = {"field": "document_country", "op": "eq", "value": "ID"}
VERDICT = ("verdict", "population_n", "coverage", "counterexamples", "undetermined")


def read_as(name: str, predicate: Event, applies_to: str = "SELLER", status: str = "ACTIVE", **data: Json) -> Event:
    """Return that the claim was written as a predicate, of the shop's members that have a status."""
    population = {"log": SHOP, "status": status}
    data = {"reading": "LITERAL", "applies_to": applies_to, "population": population, "predicate": predicate, **data}
    return event(name, "ClaimPredicateAttached", CLAIM, predicate_id=name, **data)


def here(field: str) -> Event:
    """Return the predicate that a field of a listing is Indonesia."""
    return {"field": field, "op": "eq", "value": "ID"}


def verified(name: str, **data: Json) -> Event:
    """Return that a seller was verified."""
    subject = f"seller:shop:{name}"
    return event(f"verified-{name}", "SellerVerified", subject, on("01-05"), verification_id="V1", **data)


async def test_q06_whether_every_seller_is_a_verified_local_literally_and_strictly(clocked_desk: Desk) -> None:
    desk = clocked_desk
    strict: Event = {"all": [VERIFIED, DOCUMENT_OF_HERE]}
    await record(
        desk,
        "01-10",
        *(registered(name, on("01-02")) for name in ("A", "B", "C")),
        verified("A", document_country="ID"),
        verified("B", document_country="CN"),
        verified("C"),
        read_as("LITERAL", VERIFIED, size_claimed=6),
        read_as("STRICT", strict, reading="STRICT", size_claimed=6),
    )
    await record(desk, "01-20", voided("forged", "seller:shop:A", "verified-A"))

    async def verdicts(known_at: str) -> list[dict[str, Json]]:
        asked = {"as_of": "01-08", "known_at": known_at}
        return [await evaluated(desk, CLAIM, reading, VERDICT, **asked) for reading in ("LITERAL", "STRICT")]

    def verdict(name: str, counterexamples: list[str], *undetermined: Event) -> dict[str, Json]:
        subjects = [f"seller:shop:{one}" for one in counterexamples]
        return dict(zip(VERDICT, (name, 3, "0.5", subjects, list(undetermined)), strict=True))

    unknown: Event = {"subject": "seller:shop:C", "missing": ["document_country"]}
    assert await verdicts("01-10") == [verdict("NOT_FALSIFIED", []), verdict("FALSIFIED", ["B"], unknown)]
    assert await verdicts("01-20") == [verdict("FALSIFIED", ["A"]), verdict("FALSIFIED", ["A", "B"], unknown)]


async def test_q07_whether_nothing_was_shipped_across_borders_since_launch_and_since_when_it_was(desk: Desk) -> None:
    await desk.tell(
        published("L1", on("01-05"), ship_from_country="ID"),
        published("L2", on("01-15"), ship_from_country="CN"),
        event("gone", "ListingWithdrawn", "listing:shop:L2", on("01-18")),
        read_as("NO_CROSS_BORDER", here("ship_from_country"), "LISTING", "PUBLISHED"),
    )
    names = ("verdict", "counterexamples", "first_counterexample")

    async def since_launch(as_of: str) -> list[Json]:
        answer = await evaluated(desk, CLAIM, "NO_CROSS_BORDER", names, as_of, **{"from": "01-01"})
        return list(answer.values())

    first = {"at": "2026-01-15T02:00:00.000000Z", "subject": "listing:shop:L2"}
    assert await since_launch("01-14") == ["CONFIRMED", [], None]
    assert await since_launch("01-16") == ["FALSIFIED", ["listing:shop:L2"], first]
    assert await since_launch("01-20") == ["CONFIRMED", [], first]


async def test_q08_whether_no_goods_from_abroad_are_sold_and_how_many_visible_ones_are_of_unknown_origin(
    desk: Desk,
) -> None:
    await desk.tell(
        published("L1", on("01-05"), goods_origin_country="ID"),
        published("L2", on("01-05"), goods_origin_country="CN"),
        published("L3", on("01-05")),
        published("L4", on("01-15"), goods_origin_country="ID"),
        block("L2", "R2", on("01-10")),
        read_as("NO_FOREIGN_GOODS", here("goods_origin_country"), "LISTING", "VISIBLE"),
    )

    async def of_abroad(as_of: str) -> list[Json]:
        origins = await found(desk, "listings", ("subject", "goods_origin_country"), as_of, visible="true")
        names = ("verdict", "population_n", "counterexamples", "undetermined")
        return [origins, *(await evaluated(desk, CLAIM, "NO_FOREIGN_GOODS", names, as_of)).values()]

    unknown = [{"subject": "listing:shop:L3", "missing": ["goods_origin_country"]}]
    local, nowhere = ("L1", "ID"), ("L3", None)
    assert await of_abroad("01-07") == [
        [local, ("L2", "CN"), nowhere],
        "FALSIFIED",
        3,
        ["listing:shop:L2"],
        unknown,
    ]
    assert await of_abroad("01-15") == [[local, nowhere, ("L4", "ID")], "UNDETERMINED", 3, [], unknown]


async def test_q09_where_a_feature_was_active_and_whether_it_ever_was_here(desk: Desk) -> None:
    def declared(number: int, country: str, status: str, time: str) -> Event:
        data = {"feature": "PROJECT_S", "country": country, "status": status}
        return event(f"declared-{number}", "ServiceFeatureStatusDeclared", "platform:shop", time, **data)

    await desk.tell(
        declared(1, "GB", "ACTIVE", on("01-05")),
        declared(2, "ID", "NOT_OFFERED", on("01-05")),
        declared(3, "ID", "PILOT", on("01-15")),
        declared(4, "ID", "WITHDRAWN", on("01-20")),
    )

    async def offered(as_of: str) -> list[Row]:
        return await found(desk, "services", ("country", "status"), as_of, feature="PROJECT_S")

    there = ("GB", "ACTIVE")
    assert await offered("01-04") == []
    assert await offered("01-14") == [there, ("ID", "NOT_OFFERED")]
    assert await offered("01-15") == [there, ("ID", "PILOT")]
    assert await offered("01-20") == [there, ("ID", "WITHDRAWN")]
