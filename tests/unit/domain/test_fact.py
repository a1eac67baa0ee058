"""From when an event counts: certainly or possibly, by what is known of its time (domain.md 2.2, 2.3)."""

import pytest

from ledger.domain.instants import Precision, parse_instant
from tests.unit.domain.build import FIRST_RECORDED, Story

NOON, LATER, END_OF_DAY = "2025-03-01T12:00:00Z", "2025-03-05T12:00:00Z", "2025-03-01T23:59:59.999999Z"


@pytest.mark.parametrize(
    ("precision", "latest", "last"),
    [("INSTANT", None, NOON), ("INSTANT", LATER, LATER), ("DAY", None, END_OF_DAY), ("DAY", LATER, LATER)],
)
def test_a_beginning_certainly_counts_from_its_last_instant_and_an_end_possibly(
    precision: Precision, latest: str | None, last: str
) -> None:
    story = Story("listing:shop:1")
    begins = story.tell("ListingPublished", NOON, precision=precision, latest=latest)
    ends = story.tell("ListingReinstated", NOON, precision=precision, latest=latest, restriction_id="R")
    counted = [(fact.when("CERTAIN"), fact.when("POSSIBLE")) for fact in (begins, ends)]
    first, latest_of_all = parse_instant(NOON), parse_instant(last)
    assert counted == [(latest_of_all, first), (first, latest_of_all)]


def test_what_the_ledger_says_of_itself_counts_from_its_clock() -> None:
    story = Story("listing:shop:1")
    voided = story.void(story.tell("ListingPublished", NOON))
    assert (voided.when("CERTAIN"), voided.when("POSSIBLE")) == (voided.recordedtime, voided.recordedtime)
    assert voided.recordedtime > FIRST_RECORDED
