"""What an evaluation counts, names and hashes, beyond what a test over HTTP can tell."""

import hashlib
from fractions import Fraction
from typing import Any

import pytest

from projections.claim_evaluation import LISTED_MAX, Evaluation, Question, question_of, written_coverage
from projections.members.member import SellerMember
from projections.replay import Manifest
from tests.unit.domain.build import Story
from tests.unit.projections.asking import day, known

ATTACHED: dict[str, Any] = {
    "predicate_id": "P",
    "reading": "LITERAL",
    "applies_to": "SELLER",
    "population": {"log": "shop", "status": "ACTIVE"},
    "predicate": {"field": "verification", "op": "eq", "value": "VERIFIED"},
}


def question(**said: Any) -> Question | None:  # noqa: ANN401 - any member of the event
    """Return the question of a claim whose predicate was attached after the date that is asked about."""
    story = Story("claim:shop:c")
    story.tell("ClaimPredicateAttached", day(1), **{**ATTACHED, **said})
    return question_of(known(story), "P")


def test_only_so_many_counterexamples_are_named_and_all_are_counted_and_hashed() -> None:
    story = Story("seller:shop:S")
    story.tell("SellerRegistered", day(1))
    member = SellerMember(known(story))
    asked = question()
    assert asked is not None
    evaluation = Evaluation(asked, Manifest(member.known.moment, "seller:"))
    times = LISTED_MAX + 1
    for _ in range(times):
        evaluation.ask(member)
    answer = evaluation.describe()
    assert (answer["counterexamples_n"], len(answer["counterexamples"])) == (times, LISTED_MAX)
    assert answer["counterexamples_sha256"] == hashlib.sha256(b"seller:shop:S\n" * times).hexdigest()
    assert (answer["manifest"]["subject_count"], answer["manifest"]["event_count"]) == (times, times)


def test_a_predicate_about_what_is_no_member_of_a_population_is_no_question() -> None:
    story = Story("claim:shop:c")
    story.tell("ClaimPredicateAttached", day(1), **ATTACHED)
    assert question_of(known(story), "P") is not None
    assert question_of(known(story), "Q") is None


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (Fraction(1), "1"),
        (Fraction(0), "0"),
        (Fraction(2000, 2_000_000), "0.001"),
        (Fraction(2, 3), "0.666666666"),
        (Fraction(10**12 - 1, 10**12), "0.999999999"),
        (Fraction(1, 10**12), "0"),
    ],
)
def test_coverage_is_never_written_as_more_than_it_is(share: Fraction, written: str) -> None:
    assert written_coverage(share) == written
