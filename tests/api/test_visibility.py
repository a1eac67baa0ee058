"""Where and why not a listing is visible (domain.md 6.2): every cause, alone and together."""

from typing import Any

from tests.api.desk import Desk, Event, block, event, published, registered, reinstated

LATER = "2026-02-01T00:00:00Z"


async def hidden(desk: Desk, name: str = "A", as_of: str = LATER, **query: str) -> list[str]:
    """Return the causes for which one listing is hidden, after having compared them with the filter."""
    (item,) = (await desk.get("/v1/listings", subject=f"listing:shop:{name}", as_of=as_of, **query))["items"]
    causes: list[str] = item["hidden_by"]
    assert item["visible"] == (not causes)
    for visible in ("true", "false"):
        found = await desk.get("/v1/listings", subject=f"listing:shop:{name}", as_of=as_of, visible=visible, **query)
        assert found["items"] == ([item] if (visible == "true") == item["visible"] else [])
    return causes


def ban(name: str, time: str = "2026-01-15T00:00:00Z", restriction_id: str = "BAN") -> Event:
    """Return that a seller was banned."""
    data = {"restriction_id": restriction_id, "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    return event(f"ban-{name}", "SellerBanned", f"seller:shop:{name}", time, **data)


def revoked(name: str, time: str = "2026-01-20T00:00:00Z", restriction_id: str = "BAN") -> Event:
    """Return that a ban ended."""
    return event(f"unban-{name}", "SellerBanRevoked", f"seller:shop:{name}", time, restriction_id=restriction_id)


def service(kind: str, name: str, time: str, country: str = "ID") -> Event:
    """Return that a service stopped, or runs again."""
    return event(f"{kind}-{name}-{country}", kind, "platform:shop", time, service=name, country=country)


async def test_a_published_listing_is_visible_everywhere_from_then_on(desk: Desk) -> None:
    await desk.tell(published("A"))
    assert await hidden(desk) == []
    assert await hidden(desk, country="ID") == []
    before: dict[str, Any] = await desk.get("/v1/listings", as_of="2026-01-04T23:59:59.999999Z")
    assert before["items"] == []


async def test_a_restriction_in_one_country_hides_it_there_only(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1", territorial_scope=["ID", "SG"]))
    assert await hidden(desk, country="ID") == ["RESTRICTION"]
    assert await hidden(desk, country="SG") == ["RESTRICTION"]
    assert await hidden(desk, country="MY") == []
    assert await hidden(desk) == ["RESTRICTION"]
    assert await hidden(desk, country="ID", as_of="2026-01-10T02:59:59.999999Z") == []


async def test_a_restriction_of_the_world_or_of_no_stated_place_hides_it_everywhere(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1", territorial_scope=["WORLD"]), published("B"), block("B", "R1"))
    for name in ("A", "B"):
        assert await hidden(desk, name, country="MY") == ["RESTRICTION"]


async def test_only_removal_and_disabling_hide(desk: Desk) -> None:
    for number, decision in enumerate(("REMOVED", "DISABLED", "DEMOTED", "LABELLED")):
        name = f"L{number}"
        data: Event = {"decision_visibility": [f"DECISION_VISIBILITY_CONTENT_{decision}"]}
        await desk.tell(published(name), block(name, "R1", **data))
        assert await hidden(desk, name) == (["RESTRICTION"] if number < 2 else [])
    restricted = await desk.get("/v1/listings", restricted="true", as_of=LATER)
    assert len(restricted["items"]) == 4


async def test_of_two_restrictions_lifting_one_leaves_it_hidden(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"), block("A", "R2", "2026-01-11T00:00:00Z"), reinstated("A", "R1"))
    assert await hidden(desk) == ["RESTRICTION"]
    await desk.tell(reinstated("A", "R2", "2026-01-13T00:00:00Z"))
    assert await hidden(desk) == []
    assert await hidden(desk, as_of="2026-01-12T12:00:00Z") == ["RESTRICTION"]


async def test_a_restriction_ends_by_itself_when_its_time_has_come(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1", end_at="2026-01-20T00:00:00Z"))
    assert await hidden(desk, as_of="2026-01-19T23:59:59.999999Z") == ["RESTRICTION"]
    assert await hidden(desk, as_of="2026-01-20T00:00:00Z") == []


async def test_a_ban_hides_all_that_a_seller_has_and_its_end_restores_what_has_no_restriction(desk: Desk) -> None:
    seller = {"seller_id": "seller:shop:S"}
    await desk.tell(registered("S"), published("A", **seller), published("B", **seller), published("C"))
    await desk.tell(block("B", "R1"), ban("S"))
    assert await hidden(desk, "A") == ["SELLER_BANNED"]
    assert await hidden(desk, "B") == ["RESTRICTION", "SELLER_BANNED"]
    assert await hidden(desk, "C") == []
    await desk.tell(revoked("S"))
    assert await hidden(desk, "A") == []
    assert await hidden(desk, "B") == ["RESTRICTION"]
    assert await hidden(desk, "A", as_of="2026-01-19T00:00:00Z") == ["SELLER_BANNED"]
    restricted = await desk.get("/v1/listings", restricted="true", as_of="2026-01-19T00:00:00Z")
    assert [item["subject"] for item in restricted["items"]] == ["listing:shop:B"]


async def test_a_suspension_hides_and_held_payments_do_not(desk: Desk) -> None:
    data = {"restriction_id": "R", "decision_account": "DECISION_ACCOUNT_SUSPENDED", "end_at": "2026-01-25T00:00:00Z"}
    money = {"restriction_id": "M", "decision_monetary": "DECISION_MONETARY_SUSPENSION"}
    await desk.tell(published("A", seller_id="seller:shop:S"), published("B", seller_id="seller:shop:T"))
    await desk.tell(
        event("s", "SellerSuspended", "seller:shop:S", **data),
        event("m", "SellerPaymentsRestricted", "seller:shop:T", **money),
    )
    assert await hidden(desk, "A", as_of="2026-01-24T00:00:00Z") == ["SELLER_SUSPENDED"]
    assert await hidden(desk, "A", as_of="2026-01-25T00:00:00Z") == []
    assert await hidden(desk, "B") == []


async def test_a_suspended_marketplace_hides_in_its_country_and_other_services_hide_nothing(desk: Desk) -> None:
    await desk.tell(published("A"), service("ServiceSuspended", "CHECKOUT", "2026-01-10T00:00:00Z"))
    assert await hidden(desk, country="ID") == []
    await desk.tell(service("ServiceSuspended", "MARKETPLACE", "2026-01-11T00:00:00Z"))
    assert await hidden(desk, country="ID") == ["SERVICE_SUSPENDED"]
    assert await hidden(desk, country="MY") == []
    assert await hidden(desk, country="ID", as_of="2026-01-10T23:00:00Z") == []
    await desk.tell(service("ServiceResumed", "MARKETPLACE", "2026-01-12T00:00:00Z"))
    assert await hidden(desk, country="ID") == []
    assert await hidden(desk, country="ID", as_of="2026-01-11T12:00:00Z") == ["SERVICE_SUSPENDED"]


async def test_the_service_of_another_platform_hides_nothing(desk: Desk) -> None:
    other = service("ServiceSuspended", "MARKETPLACE", "2026-01-11T00:00:00Z") | {"subject": "platform:other"}
    await desk.tell(published("A"), other)
    assert await hidden(desk, country="ID") == []


async def test_a_destination_that_is_not_offered_is_a_cause(desk: Desk) -> None:
    await desk.tell(published("A", destination_countries=["ID", "MY"]), published("B", destination_countries=[]))
    assert await hidden(desk, country="ID") == []
    assert await hidden(desk, country="GB") == ["NOT_OFFERED_THERE"]
    assert await hidden(desk) == []
    assert await hidden(desk, "B", country="ID") == ["NOT_OFFERED_THERE"]


async def test_what_was_never_published_was_refused_or_is_withdrawn_is_not_visible(desk: Desk) -> None:
    await desk.tell(
        block("A", "R1"),
        event("refused", "ListingPublicationRefused", "listing:shop:B", candidate_id="c1"),
        published("C"),
        event("withdrawn", "ListingWithdrawn", "listing:shop:C", "2026-01-10T00:00:00Z"),
        event("relisted", "ListingRelisted", "listing:shop:C", "2026-01-12T00:00:00Z"),
    )
    assert await hidden(desk, "A") == ["NOT_PUBLISHED", "RESTRICTION"]
    assert await hidden(desk, "B") == ["NOT_PUBLISHED"]
    assert await hidden(desk, "C", as_of="2026-01-11T00:00:00Z") == ["NOT_PUBLISHED"]
    assert await hidden(desk, "C") == []


async def test_all_causes_are_told_together(desk: Desk) -> None:
    data: Event = {"seller_id": "seller:shop:S", "destination_countries": ["MY"]}
    await desk.tell(
        published("A", **data),
        block("A", "R1"),
        ban("S"),
        service("ServiceSuspended", "MARKETPLACE", "2026-01-11T00:00:00Z"),
        event("withdrawn", "ListingWithdrawn", "listing:shop:A", "2026-01-12T00:00:00Z"),
    )
    causes = ["NOT_PUBLISHED", "NOT_OFFERED_THERE", "RESTRICTION", "SELLER_BANNED", "SERVICE_SUSPENDED"]
    assert await hidden(desk, country="ID") == causes


async def test_all_parts_are_of_one_certainty(desk: Desk) -> None:
    await desk.tell(
        registered("S"),
        published("A", seller_id="seller:shop:S"),
        ban("S", "2026-01-14T17:00:00Z") | {"timeprecision": "DAY"},
        block("A", "R1", "2026-01-14T17:00:00Z") | {"timeprecision": "DAY"},
    )
    noon = "2026-01-15T05:00:00Z"
    assert await hidden(desk, as_of=noon) == []
    assert await hidden(desk, as_of=noon, certainty="POSSIBLE") == ["RESTRICTION", "SELLER_BANNED"]
    assert await hidden(desk, as_of="2026-01-15", tz="Asia/Jakarta") == ["RESTRICTION", "SELLER_BANNED"]


async def test_the_basis_of_the_source_gives_the_same_causes(desk: Desk) -> None:
    said = {"sourcetime": "2026-01-16T00:00:00Z"}
    early = {"sourcetime": "2026-01-06T00:00:00Z"}
    await desk.tell(
        published("A", seller_id="seller:shop:S") | early,
        ban("S") | said,
        block("A", "R1") | early | {"sourcetime": "2026-01-11T00:00:00Z"},
        service("ServiceSuspended", "MARKETPLACE", "2026-01-11T00:00:00Z") | said,
    )
    query = {"basis": "SOURCE", "country": "ID"}
    assert await hidden(desk, **query) == ["RESTRICTION", "SELLER_BANNED", "SERVICE_SUSPENDED"]
    assert await hidden(desk, known_at="2026-01-15T00:00:00Z", **query) == ["RESTRICTION"]
    assert await hidden(desk, known_at="2026-01-10T00:00:00Z", **query) == []
    nothing = await desk.get("/v1/listings", known_at="2026-01-15T00:00:00Z", as_of=LATER)
    assert nothing["items"] == []
