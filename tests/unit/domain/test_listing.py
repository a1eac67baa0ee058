from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, payload

LISTING = "listing:lazada-id:L01"
PUBLISHED: dict[str, Any] = {
    "seller_id": "seller:lazada-id:S1",
    "title": "Batik",
    "cluster": "TEXTILE_FASHION",
    "ship_from_country": "CN",
    "destination_countries": ["ID"],
    "price": {"amount_minor": 15_000_000, "currency": "IDR"},
}


def lifecycles(story: Story) -> list[str | None]:
    return [story.described(f"2021-08-0{day}T12:00:00Z").get("lifecycle") for day in range(1, 6)]


def test_a_listing_is_published_withdrawn_and_relisted() -> None:
    story = Story(LISTING)
    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)
    story.tell("ListingWithdrawn", "2021-08-03T00:00:00Z", by="SELLER")
    story.tell("ListingRelisted", "2021-08-04T00:00:00Z")

    assert lifecycles(story) == [None, "PUBLISHED", "WITHDRAWN", "PUBLISHED", "PUBLISHED"]


def test_a_listing_refused_before_publication_is_refused() -> None:
    story = Story(LISTING)
    story.tell("ListingPublicationRefused", "2021-08-02T00:00:00Z", candidate_id="C1", seller_id="seller:lazada-id:S1")

    assert story.described() == {
        "id": LISTING,
        "version": 1,
        "lifecycle": "REFUSED",
        "seller_id": "seller:lazada-id:S1",
        "restrictions": [],
        "restricted": False,
    }


def test_a_published_listing_is_described_in_full() -> None:
    story = Story(LISTING)
    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)

    assert story.described() == {
        **PUBLISHED,
        "id": LISTING,
        "version": 1,
        "lifecycle": "PUBLISHED",
        "restrictions": [],
        "restricted": False,
    }


def test_a_change_sets_and_unsets_what_it_names_and_nothing_else() -> None:
    story = Story(LISTING)
    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)
    story.tell(
        "ListingAttributesChanged",
        "2021-08-03T00:00:00Z",
        changed={"ship_from_country": {"from": "CN", "to": "ID"}, "title": {"from": "Batik"}},
    )

    before, after = story.described("2021-08-02T12:00:00Z"), story.described("2021-08-03T12:00:00Z")
    assert (before["ship_from_country"], before["title"]) == ("CN", "Batik")
    assert (after["ship_from_country"], after.get("title"), after["cluster"]) == ("ID", None, "TEXTILE_FASHION")


def test_a_block_keeps_the_lifecycle_and_brings_the_seller_where_none_is_known() -> None:
    story = Story(LISTING)
    data: dict[str, Any] = {"restriction_id": "R1", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
    story.tell("ListingBlocked", "2021-08-01T00:00:00Z", seller_id="seller:lazada-id:S9", **data)

    described = story.described()
    assert (described.get("lifecycle"), described["seller_id"]) == (None, "seller:lazada-id:S9")
    assert described["restricted"] is True

    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)
    story.tell("ListingReinstated", "2021-08-03T00:00:00Z", restriction_id="R1")
    described = story.described()
    assert (described["lifecycle"], described["restricted"]) == ("PUBLISHED", False)


def test_a_listing_restricted_without_being_hidden_is_restricted() -> None:
    story = Story(LISTING)
    story.tell(
        "ListingRestricted",
        "2021-08-01T00:00:00Z",
        restriction_id="R1",
        decision_visibility=["DECISION_VISIBILITY_CONTENT_DEMOTED"],
    )

    assert [one["kind"] for one in story.described()["restrictions"]] == ["RESTRICTED"]


def test_a_correction_of_a_correction_corrects_the_original_again() -> None:
    story = Story(LISTING)
    published = story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)
    story.correct(published, data={"title": "Songket", "cluster": None})
    story.correct(published, time="2021-08-01T00:00:00Z", data={"title": "Ikat"})

    known = [story.described(events=events).get("title") for events in (1, 2, 3)]
    assert known == ["Batik", "Songket", "Ikat"]
    assert lifecycles(story)[0] == "PUBLISHED"
    assert "cluster" not in story.described()


def test_a_voided_event_never_happened_from_then_on() -> None:
    story = Story(LISTING)
    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)
    withdrawn = story.tell("ListingWithdrawn", "2021-08-03T00:00:00Z")
    story.void(withdrawn)

    assert story.described(events=2)["lifecycle"] == "WITHDRAWN"
    assert story.described()["lifecycle"] == "PUBLISHED"
    assert story.described()["version"] == 1


def test_a_stream_whose_only_event_is_voided_has_no_state() -> None:
    story = Story(LISTING)
    story.void(story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED))

    assert story.state() is None


def test_events_count_in_valid_order_whatever_the_order_they_were_told_in() -> None:
    story = Story(LISTING)
    story.tell("ListingWithdrawn", "2021-08-03T00:00:00Z")
    story.tell("ListingPublished", "2021-08-02T00:00:00Z", **PUBLISHED)

    assert lifecycles(story) == [None, "PUBLISHED", "WITHDRAWN", "WITHDRAWN", "WITHDRAWN"]


def test_telling_purchasers_changes_nothing() -> None:
    story = Story(LISTING)
    story.tell("PurchasersNotified", "2021-08-02T00:00:00Z", period_from="2021-01-01", period_to="2021-07-31")

    assert story.described() == {"id": LISTING, "version": 1, "restrictions": [], "restricted": False}


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("ListingPublished", {"ship_from_country": "ID"}, {"ship_from_country": "XX"}),
        ("ListingPublished", {"title": "a" * 300}, {"title": "a" * 301}),
        ("ListingPublished", {"hs_code": "620442"}, {"hs_code": "62044"}),
        ("ListingPublicationRefused", {"candidate_id": "C1"}, {}),
        ("PurchasersNotified", {"period_from": "2021-01-01", "period_to": "2021-01-02"}, {"period_from": "2021-01-01"}),
        ("ListingReinstated", {"restriction_id": "R1", "ground": "X_A"}, {"restriction_id": "R1", "ground": "A"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
