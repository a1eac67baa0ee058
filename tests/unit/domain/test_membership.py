from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, payload

SUBJECT = "membership:aaca:001"
ADMITTED: dict[str, Any] = {"body_id": "body:aaca", "party_id": "party:rh-001", "tier": "MEMBER"}
Step = tuple[str, dict[str, Any]]
TIERS: dict[str, Any] = {"from": "MEMBER", "to": "GOOD_FAITH"}
APPLY: Step = ("MembershipApplied", {"body_or_programme_id": "body:aaca", "party_id": "party:rh-001"})
ADMIT: Step = ("MembershipAdmitted", ADMITTED)
MOVE: Step = ("MembershipTierChanged", TIERS)
BRAND: Step = ("BrandAssociated", {"brand_id": "brand:1"})
SUSPEND: Step = ("MembershipSuspended", {})
REINSTATE: Step = ("MembershipReinstated", {})
END: Step = ("MembershipEnded", {"reason": "LEFT"})

TABLE: list[tuple[list[Step], str | None]] = [
    ([APPLY], "APPLIED"),
    ([ADMIT], "ACTIVE"),
    ([APPLY, ADMIT], "ACTIVE"),
    ([ADMIT, APPLY], "ACTIVE"),
    ([ADMIT, MOVE], "ACTIVE"),
    ([ADMIT, BRAND, ("BrandDissociated", {"brand_id": "brand:1"})], "ACTIVE"),
    ([ADMIT, SUSPEND], "SUSPENDED"),
    ([ADMIT, SUSPEND, REINSTATE], "ACTIVE"),
    ([ADMIT, END], "ENDED"),
    ([ADMIT, SUSPEND, END], "ENDED"),
    ([ADMIT, END, ADMIT], "ACTIVE"),
    ([ADMIT, END, APPLY], "APPLIED"),
    ([ADMIT, END, SUSPEND], "ENDED"),
    ([ADMIT, END, REINSTATE], "ENDED"),
    ([ADMIT, ADMIT], "ACTIVE"),
    ([END], "ENDED"),
    ([END, END], "ENDED"),
    ([END, ADMIT], "ACTIVE"),
    ([SUSPEND], "SUSPENDED"),
    ([SUSPEND, ADMIT], "ACTIVE"),
    ([REINSTATE], "ACTIVE"),
    ([MOVE], None),
    ([BRAND], None),
]


def told(steps: list[Step]) -> Story:
    story = Story(SUBJECT)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2017-01-{day:02}T00:00:00Z", **data)
    return story


def statuses(story: Story, as_of: str) -> list[str | None]:
    certainties: tuple[Certainty, ...] = ("CERTAIN", "POSSIBLE")
    return [story.described(as_of, certainty).get("status") for certainty in certainties]


@pytest.mark.parametrize(("steps", "status"), TABLE)
def test_each_event_leads_where_the_table_says(steps: list[Step], status: str | None) -> None:
    story = told(steps)

    assert story.described()["status"] == status
    assert story.breach() is None


def test_a_member_is_described_in_full() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    said: dict[str, Any] = {
        **ADMITTED,
        "display_name": "Rights holder 001",
        "industries": ["TOYS", "APPAREL"],
        "size_class": "LARGE",
        "criteria_result": {"takedown_rate": "0.93", "notices": 120, "signed": True},
    }
    metrics = {"takedown_rate": "0.91", "counter_rate": "0.02", "window": "P3M", "denominators": {"notices": 90}}
    story.tell("MembershipApplied", "2016-12-01T00:00:00Z", **APPLY[1])
    story.tell("MembershipAdmitted", "2017-01-15T16:00:00Z", precision="DAY", **said)
    story.tell("BrandAssociated", "2017-02-02T00:00:00Z", brand_id="brand:2", name="Second")
    story.tell("BrandAssociated", "2017-02-01T00:00:00Z", brand_id="brand:1")
    story.tell("MembershipTierChanged", "2018-08-15T00:00:00Z", **TIERS, metrics=metrics)

    assert story.described() == {
        **said,
        "id": SUBJECT,
        "version": 5,
        "body": "aaca",
        "status": "ACTIVE",
        "tier": "GOOD_FAITH",
        "brands": [
            {"brand_id": "brand:1", "associated_at": "2017-02-01T00:00:00.000000Z"},
            {"brand_id": "brand:2", "name": "Second", "associated_at": "2017-02-02T00:00:00.000000Z"},
        ],
        "tier_changes": [
            {
                "before": "MEMBER",
                "after": "GOOD_FAITH",
                "metrics": metrics,
                "changed_at": "2018-08-15T00:00:00.000000Z",
                "changed_by": "e5",
            }
        ],
        "applied_at": "2016-12-01T00:00:00.000000Z",
        "admitted_at": "2017-01-15T16:00:00.000000Z",
    }


def test_a_member_since_some_month_is_possibly_one_before_it_certainly_is() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    story.tell("MembershipAdmitted", "2016-12-31T16:00:00Z", precision="MONTH", **ADMITTED)

    assert statuses(story, "2017-01-20T15:59:59.999999Z") == [None, "ACTIVE"]
    assert statuses(story, "2017-01-31T15:59:59.999999Z") == ["ACTIVE", "ACTIVE"]


def test_a_member_since_some_year_is_possibly_one_before_it_certainly_is_whatever_brands_it_has() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    story.tell("MembershipAdmitted", "2018-12-31T16:00:00Z", precision="YEAR", **ADMITTED)
    story.tell("BrandAssociated", "2019-03-01T00:00:00Z", brand_id="brand:1")

    assert statuses(story, "2019-06-30T15:59:59Z") == [None, "ACTIVE"]
    assert statuses(story, "2019-12-31T15:59:59.999999Z") == ["ACTIVE", "ACTIVE"]


def test_a_founder_of_a_day_is_a_member_from_its_first_instant() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    story.tell("MembershipAdmitted", "2017-01-15T16:00:00Z", precision="DAY", **ADMITTED)

    assert statuses(story, "2017-01-15T15:59:59.999999Z") == [None, None]
    assert statuses(story, "2017-01-15T16:00:00Z") == ["ACTIVE", "ACTIVE"]


def test_an_end_in_some_month_certainly_leaves_nobody_a_member_from_its_beginning() -> None:
    story = told([ADMIT])
    story.tell("MembershipEnded", "2020-05-01T00:00:00Z", precision="MONTH", reason="LAPSED")

    assert statuses(story, "2020-04-30T23:59:59Z") == ["ACTIVE", "ACTIVE"]
    assert statuses(story, "2020-05-15T00:00:00Z") == ["ENDED", "ACTIVE"]
    assert statuses(story, "2020-05-31T23:59:59.999999Z") == ["ENDED", "ENDED"]


@pytest.mark.parametrize(("halt", "status"), [("MembershipEnded", "ENDED"), ("MembershipSuspended", "SUSPENDED")])
def test_what_halts_within_the_year_of_admission_certainly_halts(halt: str, status: str) -> None:
    story = Story(SUBJECT)
    story.tell("MembershipAdmitted", "2019-01-01T00:00:00Z", precision="YEAR", **ADMITTED)
    story.tell("MembershipTierChanged", "2019-05-01T00:00:00Z", to="SILVER")
    story.tell(halt, "2019-06-01T00:00:00Z")

    assert statuses(story, "2019-05-31T00:00:00Z") == [None, "ACTIVE"]
    assert statuses(story, "2020-01-01T00:00:00Z") == [status, status]
    assert story.described()["tier"] == "SILVER"


def test_who_is_admitted_again_keeps_the_date_before_which_it_was_not_to_be() -> None:
    story = told([ADMIT])
    again_as: dict[str, Any] = {**ADMITTED, "tier": "SILVER"}
    story.tell("MembershipEnded", "2018-09-01T00:00:00Z", reason="REMOVED_THRESHOLD", ineligible_until="2018-12-01")
    story.tell("MembershipAdmitted", "2018-10-01T00:00:00Z", **again_as)

    ended, again = story.described("2018-09-15T00:00:00Z"), story.described()
    assert (ended["status"], ended["end_reason"], ended["ended_at"]) == (
        "ENDED",
        "REMOVED_THRESHOLD",
        "2018-09-01T00:00:00.000000Z",
    )
    assert (again["status"], again["tier"], again["ineligible_until"]) == ("ACTIVE", "SILVER", "2018-12-01")
    assert "ended_at" not in again


def test_brands_are_those_associated_and_not_dissociated() -> None:
    story = told([ADMIT])
    story.tell("BrandAssociated", "2019-01-01T00:00:00Z", brand_id="brand:1")
    story.tell("BrandAssociated", "2019-01-01T00:00:00Z", brand_id="brand:2")
    story.tell("BrandAssociated", "2019-02-01T00:00:00Z", brand_id="brand:1", name="First")
    story.tell("BrandDissociated", "2019-03-01T00:00:00Z", brand_id="brand:2")
    story.tell("BrandDissociated", "2019-03-01T00:00:00Z", brand_id="brand:3")

    brands = [
        [brand["brand_id"] for brand in story.described(as_of)["brands"]]
        for as_of in ("2019-01-15T00:00:00Z", "2019-04-01T00:00:00Z")
    ]
    assert brands == [["brand:1", "brand:2"], ["brand:1"]]


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("MembershipApplied", {"body_or_programme_id": "programme:marketsafe"}, {"party_id": "rh-001"}),
        ("MembershipAdmitted", {"industries": ["X_TEA"]}, {"industries": ["TEA"]}),
        ("MembershipAdmitted", {}, {"size_class": "HUGE"}),
        ("MembershipAdmitted", {"criteria_result": {"rate": "0.9"}}, {"criteria_result": {"rate": 0.9}}),
        ("MembershipTierChanged", {"metrics": {"window": "P3M"}}, {"metrics": {"window": "3 months"}}),
        ("MembershipTierChanged", {"from": "A", "to": "B"}, {"before": "A", "after": "B"}),
        ("BrandAssociated", {"brand_id": "brand:1"}, {"name": "First"}),
        ("BrandDissociated", {"brand_id": "brand:1"}, {}),
        ("MembershipEnded", {"reason": "EXPELLED"}, {"reason": "BORED"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
