from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, payload

POSITIVE_LIST = "taxonomy:kemendag:positive-list"
DAY1, DAY2, DAY3, DAY4 = (f"2023-12-0{day}T00:00:00Z" for day in (1, 2, 3, 4))


def mapped(code: str, cluster: str | None, **data: object) -> dict[str, Any]:
    return {"category_code": code, **({"to_cluster": cluster} if cluster else {}), **data}


def clusters(story: Story, as_of: str) -> dict[str, str | None]:
    return {one["category_code"]: one.get("cluster") for one in story.described(as_of).get("mappings", [])}


def test_a_taxonomy_is_described_in_full() -> None:
    story = Story("taxonomy:lazada-id:clusters")
    story.tell("TaxonomyVersionPublished", DAY1, version="2021", entries_sha256="a" * 64, count=1)
    story.tell("CategoryMapped", DAY2, **mapped("batik", "TEXTILE_FASHION", hs_codes=["62113290"]))

    assert story.described() == {
        "id": "taxonomy:lazada-id:clusters",
        "version": 2,
        "version_in_force": "2021",
        "versions": [
            {
                "version": "2021",
                "published_by": "e1",
                "published_at": "2023-12-01T00:00:00.000000Z",
                "entries_sha256": "a" * 64,
                "count": 1,
            }
        ],
        "mappings": [
            {
                "category_code": "batik",
                "cluster": "TEXTILE_FASHION",
                "hs_codes": ["62113290"],
                "mapped_by": "e2",
                "mapped_at": "2023-12-02T00:00:00.000000Z",
            }
        ],
        "hs_codes": ["62113290"],
    }


def test_goods_of_one_version_are_not_those_of_the_next() -> None:
    story = Story(POSITIVE_LIST)
    story.tell("TaxonomyVersionPublished", DAY1, version="1")
    story.tell("CategoryMapped", DAY1, **mapped("books", "POSITIVE", hs_codes=["49019910", "49030000"], version="1"))
    story.tell("CategoryMapped", DAY2, **mapped("books", "POSITIVE", hs_codes=["49019910"], version="2"))
    story.tell("TaxonomyVersionPublished", DAY3, version="2")

    goods = [story.described(as_of)["hs_codes"] for as_of in (DAY1, DAY2, DAY3)]
    assert goods == [["49019910", "49030000"], ["49019910", "49030000"], ["49019910"]]


def test_a_category_mapped_again_belongs_elsewhere_from_then_on() -> None:
    story = Story("taxonomy:lazada-id:clusters")
    story.tell("CategoryMapped", DAY1, **mapped("songket", "CRAFT"))
    story.tell("CategoryMapped", DAY3, **mapped("songket", "TEXTILE_FASHION"))

    assert [clusters(story, as_of) for as_of in (DAY2, DAY3)] == [{"songket": "CRAFT"}, {"songket": "TEXTILE_FASHION"}]


def test_what_names_no_version_holds_in_all_that_say_nothing_else() -> None:
    story = Story("taxonomy:lazada-id:clusters")
    story.tell("CategoryMapped", DAY1, **mapped("songket", "CRAFT"))
    story.tell("CategoryMapped", DAY1, **mapped("rendang", "CULINARY"))
    story.tell("CategoryMapped", DAY1, **mapped("songket", "TEXTILE_FASHION", version="2"))
    story.tell("TaxonomyVersionPublished", DAY2, version="1")
    story.tell("TaxonomyVersionPublished", DAY3, version="2")

    assert clusters(story, DAY2) == {"songket": "CRAFT", "rendang": "CULINARY"}
    assert clusters(story, DAY3) == {"songket": "TEXTILE_FASHION", "rendang": "CULINARY"}


def test_before_any_version_is_published_everything_said_holds() -> None:
    story = Story("taxonomy:lazada-id:clusters")
    story.tell("CategoryMapped", DAY1, **mapped("songket", "CRAFT"))
    story.tell("CategoryMapped", DAY1, **mapped("rendang", None, version="1"))

    assert story.described()["version_in_force"] is None
    assert clusters(story, DAY1) == {"songket": "CRAFT", "rendang": None}


def test_a_version_is_published_once() -> None:
    def published(*names: str) -> Story:
        story = Story(POSITIVE_LIST)
        for name in names:
            story.tell("TaxonomyVersionPublished", DAY1, version=name)
        return story

    assert published("1", "2").breach() is None
    assert published("1", "1").breach() == ("invalid-event", "/data/version", "e2")


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("TaxonomyVersionPublished", {"version": "1"}, {"count": 1}),
        ("CategoryMapped", mapped("a", "CRAFT"), {"to_cluster": "CRAFT"}),
        ("CategoryMapped", mapped("a", "X", hs_codes=["490199"]), mapped("a", "X", hs_codes=["4901"])),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
