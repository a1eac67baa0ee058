"""Records that predicates are asked of: every field of a seller, a listing and a platform, and what is left out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from ledger.domain.codes_public import LISTING_FIELDS, SELLER_FIELDS
from ledger.domain.instants import parse_instant
from projections.members.clusters import Clusters
from projections.members.course import Course, course_of
from projections.members.listing_member import ListingMember
from projections.members.member import PlatformMember, SellerMember
from tests.unit.domain.build import Story
from tests.unit.projections.asking import at, day, known

ACCOUNT: dict[str, Any] = {
    "platform_id": "platform:shop",
    "party_id": "party:s",
    "country": "ID",
    "account_type": "ACCOUNT_TYPE_BUSINESS",
    "store_kind": "MALL",
}


def seller() -> Story:
    """Return the story of a seller of whom everything is known."""
    story = Story("seller:shop:S")
    story.tell("SellerRegistered", day(1), **ACCOUNT)
    story.tell("SellerOnboarded", day(2), programme_id="programme:p", size_class="SMALL")
    story.tell(
        "SellerVerified",
        day(3),
        verification_id="V1",
        entity_class="MICRO_ENTREPRENEUR",
        document_type="KTP",
        document_country="ID",
        verification_method="DOCUMENT_UPLOAD",
        checks=["NAME_MATCH"],
        valid_to="2026-01-20",
        verified_by="officer:1",
    )
    story.tell("SellerStrikeRecorded", day(4), strike_no=1, severity="SERIOUS")
    return story


def listing(**data: Any) -> Story:  # noqa: ANN401 - JSON
    """Return the story of a listing that was published on the fifth."""
    story = Story("listing:shop:L")
    story.tell("ListingPublished", day(5), **data)
    return story


def listed(story: Story, sellers: dict[str, Course] | None = None, platform: Course | None = None) -> ListingMember:
    return ListingMember(known(story), sellers or {}, platform or Course(), Clusters(()))


def test_a_seller_is_a_record_with_every_field_of_its_kind() -> None:
    member = SellerMember(known(seller()))
    record = member.record(at(10))
    assert record == {
        **ACCOUNT,
        "id": "seller:shop:S",
        "lifecycle": "REGISTERED",
        "status": "ACTIVE",
        "registered_at": day(1),
        "programme_ids": ["programme:p"],
        "size_class": "SMALL",
        "warnings": 0,
        "points": 0,
        "strikes": 1,
        "serious_strikes": 1,
        "restricted": False,
        "verification": "VERIFIED",
        "verification_status": "VERIFIED",
        "verification_id": "V1",
        "verification_method": "DOCUMENT_UPLOAD",
        "verified_at": day(3),
        "verified_by": "officer:1",
        "valid_to": "2026-01-20",
        "checks": ("NAME_MATCH",),
        "entity_class": "MICRO_ENTREPRENEUR",
        "document_type": "KTP",
        "document_country": "ID",
    }
    assert SELLER_FIELDS - set(record or ()) == {"closed_at"}
    expired = member.record(parse_instant("2026-01-21T00:00:00Z"))
    assert expired is not None
    assert (expired["verification"], expired["verification_status"]) == ("EXPIRED", "EXPIRED")
    assert member.record(at(1) - timedelta(seconds=1)) is None


def test_of_a_seller_of_whom_little_is_known_little_is_said() -> None:
    story = Story("seller:shop:S")
    story.tell("SellerRegistered", day(1))
    assert SellerMember(known(story)).record(at(2)) == {
        "id": "seller:shop:S",
        "lifecycle": "REGISTERED",
        "status": "ACTIVE",
        "registered_at": day(1),
        "programme_ids": [],
        "warnings": 0,
        "points": 0,
        "strikes": 0,
        "serious_strikes": 0,
        "restricted": False,
        "verification": "UNVERIFIED",
        "verification_status": "UNVERIFIED",
    }


def test_a_listing_is_a_record_with_every_field_of_its_kind() -> None:
    attributes: dict[str, Any] = {
        "seller_id": "seller:shop:S",
        "title": "Batik",
        "category_code": "c1",
        "taxonomy_version": "1",
        "cluster": "TEXTILE",
        "hs_code": "620342",
        "gtin": "12345678",
        "brand": "B",
        "ship_from_country": "CN",
        "goods_origin_country": "VN",
        "price_basis": "FOB",
        "content_sha256": "0" * 64,
        "relist_of": "listing:shop:K",
    }
    shop = Story("platform:shop")
    shop.tell("PlatformRegistered", day(1), slug="shop", country="ID", business_model="MARKETPLACE")
    story = listing(
        **attributes,
        destination_countries=["ID"],
        price={"amount_minor": 150_000_000, "currency": "IDR"},
        fx={"quote": "USD", "rate": "0.00006", "rate_date": "2026-01-04"},
        conformity=[{"mark": "SNI", "valid_to": "2026-01-09"}, {"mark": "HALAL"}],
    )
    of_seller = course_of(known(seller()))
    member = listed(story, {"seller:shop:S": of_seller}, course_of(known(shop)))
    record = member.record(at(10))
    assert record is not None
    assert {name: value for name, value in record.items() if not name.startswith("seller.")} == {
        **attributes,
        "id": "listing:shop:L",
        "lifecycle": "PUBLISHED",
        "status": "VISIBLE",
        "visible": True,
        "restricted": False,
        "platform_id": "platform:shop",
        "platform.country": "ID",
        "platform.business_model": "MARKETPLACE",
        "destination_countries": ("ID",),
        "price": Decimal(1_500_000),
        "price_amount": Decimal(1_500_000),
        "price_minor": 150_000_000,
        "price_currency": "IDR",
        "price_usd": Decimal(90),
        "fx_quote": "USD",
        "fx_rate": "0.00006",
        "fx_rate_date": "2026-01-04",
        "conformity": ["HALAL"],
        "published_at": day(5),
    }
    assert record["seller.verification_status"] == "VERIFIED"
    assert LISTING_FIELDS - set(record) == {"seller.closed_at"}
    earlier = member.record(at(6))
    assert earlier is not None
    assert earlier["conformity"] == ["SNI", "HALAL"]


def test_of_a_listing_of_which_little_is_known_little_is_said() -> None:
    assert listed(listing()).record(at(6)) == {
        "id": "listing:shop:L",
        "lifecycle": "PUBLISHED",
        "status": "VISIBLE",
        "visible": True,
        "restricted": False,
        "platform_id": "platform:shop",
        "published_at": day(5),
    }


def test_a_listing_has_the_status_that_its_lifecycle_and_its_visibility_give_it() -> None:
    story = listing()
    removed: dict[str, Any] = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
    story.tell("ListingBlocked", day(7), restriction_id="R1", **removed)
    story.tell("ListingReinstated", day(8), restriction_id="R1")
    story.tell("ListingWithdrawn", day(9))
    story.tell("ListingRelisted", day(11))
    member = listed(story)
    statuses = {
        number: [
            one
            for one in ("ACTIVE", "VISIBLE", "HIDDEN", "PUBLISHED", "WITHDRAWN")
            if member.has_status(one, at(number))
        ]
        for number in (4, 5, 7, 8, 9, 11)
    }
    assert statuses == {
        4: [],
        5: ["ACTIVE", "VISIBLE", "PUBLISHED"],
        7: ["HIDDEN", "PUBLISHED"],
        8: ["ACTIVE", "VISIBLE", "PUBLISHED"],
        9: ["WITHDRAWN"],
        11: ["ACTIVE", "VISIBLE", "PUBLISHED"],
    }


def test_a_platform_is_a_record_with_its_services_and_features_by_country() -> None:
    story = Story("platform:shop")
    story.tell("ServiceSuspended", day(2), service="CHECKOUT", country="ID")
    story.tell("PlatformRegistered", day(3), slug="shop", country="ID", business_model="SOCIAL_COMMERCE")
    story.tell("ServiceResumed", day(4), service="CHECKOUT", country="ID")
    story.tell("ServiceFeatureStatusDeclared", day(4), feature="PROJECT_S", country="GB", status="ACTIVE")
    member = PlatformMember(known(story))
    assert member.record(at(2)) == {"id": "platform:shop", "service.CHECKOUT.ID": "SUSPENDED"}
    assert member.record(at(4)) == {
        "id": "platform:shop",
        "slug": "shop",
        "country": "ID",
        "business_model": "SOCIAL_COMMERCE",
        "registered_at": day(3),
        "status": "REGISTERED",
        "service.CHECKOUT.ID": "ACTIVE",
        "feature.PROJECT_S.GB": "ACTIVE",
    }
