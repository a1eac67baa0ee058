from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from ledger.domain.instants import Precision
from ledger.domain.listing import Listing, ListingBlocked
from ledger.domain.restriction import Restriction, RestrictionAmended, reaches
from tests.unit.domain.build import Story, moment, payload

REMOVED = ("DECISION_VISIBILITY_CONTENT_REMOVED",)
LISTING = "listing:lazada-id:L07"


def block(
    story: Story,
    time: str = "2021-08-04T00:00:00Z",
    *,
    name: str = "R1",
    precision: Precision = "INSTANT",
    **more: object,
) -> None:
    data: dict[str, Any] = {"restriction_id": name, "decision_visibility": REMOVED, **more}
    story.tell("ListingBlocked", time, precision=precision, **data)


def in_force(story: Story, as_of: str, certainty: Certainty = "CERTAIN") -> list[str]:
    described = story.described(as_of, certainty)
    return [one["restriction_id"] for one in described.get("restrictions", ()) if one["in_force"]]


def test_a_listing_under_two_restrictions_stays_restricted_when_one_is_lifted() -> None:
    story = Story(LISTING)
    block(story, "2021-08-04T00:00:00Z", name="R1")
    block(story, "2021-08-05T00:00:00Z", name="R2")
    story.tell("ListingReinstated", "2021-08-06T00:00:00Z", restriction_id="R1", ground="PLATFORM_ERROR")

    assert in_force(story, "2021-08-05T12:00:00Z") == ["R1", "R2"]
    assert in_force(story, "2021-08-06T12:00:00Z") == ["R2"]
    assert story.described("2021-08-06T12:00:00Z")["restricted"] is True
    assert story.breach() is None


def test_a_restriction_runs_out_at_its_end_and_not_before() -> None:
    story = Story(LISTING)
    block(story, end_at="2021-09-01T00:00:00+07:00")

    assert in_force(story, "2021-08-31T16:59:59.999999Z") == ["R1"]
    assert in_force(story, "2021-08-31T17:00:00Z") == []


def test_a_block_of_a_day_lifted_at_noon_of_that_day_is_certainly_over_the_day_after() -> None:
    story = Story(LISTING, "Asia/Jakarta")
    block(story, "2021-08-03T17:00:00Z", precision="DAY")
    story.tell("ListingReinstated", "2021-08-04T05:00:00Z", restriction_id="R1")

    assert in_force(story, "2021-08-05T05:00:00Z") == []
    assert in_force(story, "2021-08-05T05:00:00Z", "POSSIBLE") == []


def test_a_block_of_a_day_is_possibly_in_force_on_that_day_and_not_certainly() -> None:
    story = Story(LISTING, "Asia/Jakarta")
    block(story, "2021-08-03T17:00:00Z", precision="DAY")
    story.tell("ListingReinstated", "2021-08-04T05:00:00Z", restriction_id="R1")

    assert in_force(story, "2021-08-04T04:00:00Z", "POSSIBLE") == ["R1"]
    assert in_force(story, "2021-08-04T04:00:00Z", "CERTAIN") == []


def test_what_ends_on_a_day_is_certainly_over_at_its_start_and_possibly_not_before_its_end() -> None:
    story = Story(LISTING)
    block(story)
    story.tell("ListingReinstated", "2021-08-06T00:00:00Z", precision="DAY", restriction_id="R1")

    assert in_force(story, "2021-08-06T10:00:00Z", "CERTAIN") == []
    assert in_force(story, "2021-08-06T10:00:00Z", "POSSIBLE") == ["R1"]
    assert in_force(story, "2021-08-07T00:00:00Z", "POSSIBLE") == []


def test_an_end_that_is_certain_before_its_beginning_shows_no_restriction() -> None:
    story = Story(LISTING)
    block(story, "2021-08-04T00:00:00Z", precision="DAY")
    story.tell("ListingReinstated", "2021-08-04T12:00:00Z", restriction_id="R1")

    state = story.state("2021-08-04T13:00:00Z")

    assert isinstance(state, Listing)
    assert state.restrictions["R1"].kind is None
    assert story.described("2021-08-04T13:00:00Z")["restrictions"] == []


def test_an_amendment_sets_what_it_names_and_null_makes_it_indefinite() -> None:
    story = Story(LISTING)
    block(story, end_at="2021-09-01T00:00:00Z", territorial_scope=["ID"])
    story.tell("RestrictionAmended", "2021-08-10T00:00:00Z", restriction_id="R1", set={"end_at": None})
    story.tell("RestrictionAmended", "2021-08-11T00:00:00Z", restriction_id="R1", set={"territorial_scope": ["WORLD"]})

    assert in_force(story, "2022-01-01T00:00:00Z") == ["R1"]
    described = story.described("2022-01-01T00:00:00Z")["restrictions"][0]
    assert (described.get("end_at"), described["territorial_scope"]) == (None, ["WORLD"])


def test_an_amendment_that_is_certain_before_the_restriction_still_amends_it() -> None:
    story = Story(LISTING)
    block(story, "2021-08-04T00:00:00Z", precision="DAY", end_at="2021-09-01T00:00:00Z")
    story.tell(
        "RestrictionAmended", "2021-08-04T12:00:00Z", restriction_id="R1", set={"end_at": "2021-08-05T12:00:00Z"}
    )

    assert in_force(story, "2021-08-05T11:00:00Z") == ["R1"]
    assert in_force(story, "2021-08-05T12:00:00Z") == []


def test_reasons_are_kept_with_their_restriction() -> None:
    story = Story(LISTING)
    block(story)
    told: dict[str, Any] = {"sor_id": "S1", "restriction_id": "R1", "sent_at": "2021-08-04T00:00:00Z"}
    story.tell("StatementOfReasonsIssued", "2021-08-04T01:00:00Z", **told)

    assert story.described()["restrictions"][0]["reasons"] == ["S1"]


def test_what_is_imposed_is_described_in_full() -> None:
    story = Story(LISTING)
    block(story, case_id="takedown_case:x:1", legal_basis=[{"instrument_id": "policy:x"}], category="X_CATEGORY")
    story.tell("ListingReinstated", "2021-08-06T00:00:00Z", restriction_id="R1", ground="PLATFORM_ERROR")

    assert story.described()["restrictions"] == [
        {
            "restriction_id": "R1",
            "kind": "BLOCKED",
            "imposed_by": "e1",
            "imposed_from": "2021-08-04T00:00:00.000000Z",
            "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
            "category": "X_CATEGORY",
            "instruments": ["policy:x"],
            "case_id": "takedown_case:x:1",
            "ended_by": "e2",
            "ended_at": "2021-08-06T00:00:00.000000Z",
            "end_ground": "PLATFORM_ERROR",
            "in_force": False,
        }
    ]


@pytest.mark.parametrize(
    ("visibility", "scope", "country", "hidden"),
    [
        (REMOVED, None, "ID", True),
        (REMOVED, ("MY",), "ID", False),
        (REMOVED, ("MY",), None, True),
        (REMOVED, ("WORLD",), "ID", True),
        (("DECISION_VISIBILITY_CONTENT_DISABLED",), ("ID",), "ID", True),
        (("DECISION_VISIBILITY_CONTENT_DEMOTED",), None, "ID", False),
        (None, None, "ID", False),
    ],
)
def test_only_removal_and_disabling_hide_and_only_where_they_reach(
    visibility: tuple[str, ...] | None, scope: tuple[str, ...] | None, country: str | None, hidden: bool
) -> None:
    restriction = Restriction(
        restriction_id="R1", kind="BLOCKED", decision_visibility=visibility, territorial_scope=scope
    )

    assert restriction.hides(moment("2021-08-05T00:00:00Z"), country) is hidden


def test_a_scope_that_is_not_stated_reaches_every_country() -> None:
    assert [reaches(None, "ID"), reaches((), "ID"), reaches(("MY",), "ID")] == [True, True, False]


def test_a_restriction_that_restricts_nothing_is_refused() -> None:
    empty = payload("ListingBlocked", restriction_id="R1", decision_visibility=[])
    full = payload("ListingBlocked", restriction_id="R1", decision_visibility=list(REMOVED))

    full.check()
    with pytest.raises(ValueError, match="is needed"):
        empty.check()


def test_an_unset_member_of_an_amendment_is_not_a_null_one() -> None:
    unset = payload("RestrictionAmended", restriction_id="R1", set={})
    null = payload("RestrictionAmended", restriction_id="R1", set={"end_at": None})

    assert isinstance(unset, RestrictionAmended)
    assert isinstance(null, RestrictionAmended)
    assert unset.set.end_at is msgspec.UNSET
    assert null.set.end_at is None


def test_a_block_needs_its_id() -> None:
    with pytest.raises(msgspec.ValidationError):
        payload("ListingBlocked", decision_visibility=list(REMOVED))
    assert isinstance(payload("ListingBlocked", restriction_id="R1"), ListingBlocked)
