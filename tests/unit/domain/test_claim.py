"""Claims: their states (domain.md 6.9), their readings, and the verdicts that counts allow (D10, D11)."""

from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, payload

CLAIM = "claim:tiktok:c1-literal"
DAYS = [f"2023-07-{day:02}T00:00:00Z" for day in range(1, 12)]
RECORDED = "2030-01-02T00:00:00Z"
"""After all that a story records: what the ledger does itself counts from then."""
Step = tuple[str, dict[str, Any]]
STATED: dict[str, Any] = {"statement": "100% local sellers", "lang": "en", "reference_time": "2023-07-26"}
PUBLISHED: Step = ("ClaimPublished", {**STATED, "attribution": "DIRECT_QUOTE", "speaker_party_id": "party:tiktok-id"})
DISPUTED: Step = ("ClaimDisputed", {"by": "party:idea", "disputed_field": "reference_time", "value": "2021-05"})
AMENDED: Step = ("ClaimAmended", {"by": "party:tiktok-id", "statement": "99% local sellers"})
WITHDRAWN: Step = ("ClaimWithdrawn", {"by": "party:tiktok-id"})
VERIFIED: dict[str, Any] = {"field": "verification_status", "op": "eq", "value": "VERIFIED"}


def attached(predicate_id: str = "P1", **data: object) -> dict[str, Any]:
    return {
        "predicate_id": predicate_id,
        "reading": "LITERAL",
        "author": "party:auditor-1",
        "applies_to": "SELLER",
        "population": {"log": "tiktok-shop-id", "status": "ACTIVE"},
        "size_claimed": 2_000_000,
        "predicate": VERIFIED,
        **data,
    }


def evaluated(verdict: str = "NOT_FALSIFIED", coverage: object = "0.001", **data: object) -> dict[str, Any]:
    return {
        "as_of": "2023-07-26",
        "known_at": "2023-07-27T00:00:00Z",
        "predicate_id": "P1",
        "verdict": verdict,
        "population_n": 2_000,
        "tested_n": 2_000,
        "coverage": coverage,
        "counterexamples_n": 0,
        "undetermined_n": 0,
        **data,
    }


EVALUATED: Step = ("ClaimEvaluated", evaluated())
ATTACHED: Step = ("ClaimPredicateAttached", attached())


def told(*steps: Step) -> Story:
    story = Story(CLAIM)
    for time, (event_type, data) in zip(DAYS, steps, strict=False):
        story.tell(event_type, time, **data)
    return story


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([PUBLISHED], "PUBLISHED"),
        ([PUBLISHED, ATTACHED], "PUBLISHED"),
        ([ATTACHED], None),
        ([PUBLISHED, DISPUTED], "DISPUTED"),
        ([DISPUTED, PUBLISHED], "DISPUTED"),
        ([PUBLISHED, DISPUTED, EVALUATED], "EVALUATED"),
        ([PUBLISHED, EVALUATED, EVALUATED], "EVALUATED"),
        ([PUBLISHED, AMENDED], "AMENDED"),
        ([PUBLISHED, AMENDED, DISPUTED], "DISPUTED"),
        ([PUBLISHED, WITHDRAWN], "WITHDRAWN"),
        ([PUBLISHED, WITHDRAWN, DISPUTED, AMENDED], "WITHDRAWN"),
        ([PUBLISHED, WITHDRAWN, EVALUATED, WITHDRAWN], "WITHDRAWN"),
    ],
)
def test_each_event_leads_where_the_table_says(steps: list[Step], state: str | None) -> None:
    story = told(*steps)

    assert story.described(RECORDED).get("state") == state
    assert story.breach() is None


def test_a_claim_is_described_in_full() -> None:
    story = told(PUBLISHED, ATTACHED, DISPUTED, EVALUATED)

    assert story.described(RECORDED) == {
        "id": CLAIM,
        "version": 4,
        "state": "EVALUATED",
        **PUBLISHED[1],
        "published_at": "2023-07-01T00:00:00.000000Z",
        "predicates": [{**attached(), "attached_by": "e2", "attached_at": "2030-01-01T00:00:01.000000Z"}],
        "disputes": [{**DISPUTED[1], "disputed_by": "e3", "disputed_at": "2023-07-03T00:00:00.000000Z"}],
        "evaluations": [{**evaluated(), "evaluated_by": "e4", "evaluated_at": "2030-01-01T00:00:03.000000Z"}],
        "verdict": "NOT_FALSIFIED",
    }


def test_a_reading_and_an_evaluation_count_from_when_they_were_recorded() -> None:
    described = told(PUBLISHED, ATTACHED, EVALUATED).described("2029-12-31T00:00:00Z")

    assert (described["state"], described["predicates"], described["verdict"]) == ("PUBLISHED", [], None)


def test_two_readings_of_one_claim_are_kept_by_id() -> None:
    strict = attached("P2", reading="STRICT", predicate={"all": [VERIFIED, {**VERIFIED, "field": "document_country"}]})
    story = told(PUBLISHED, ATTACHED, ("ClaimPredicateAttached", strict))

    predicates = story.described(RECORDED)["predicates"]
    assert [(one["predicate_id"], one["reading"]) for one in predicates] == [("P1", "LITERAL"), ("P2", "STRICT")]


def test_an_amendment_replaces_what_it_states_and_nothing_else() -> None:
    story = told(PUBLISHED, AMENDED)

    statements = [story.described(time)["statement"] for time in DAYS[:2]]
    assert statements == ["100% local sellers", "99% local sellers"]
    assert story.described()["reference_time"] == "2023-07-26"


def test_a_publication_of_some_month_does_not_undo_an_amendment_within_it() -> None:
    story = Story(CLAIM)
    story.tell("ClaimPublished", DAYS[0], precision="MONTH", **PUBLISHED[1])
    story.tell("ClaimAmended", DAYS[9], **AMENDED[1])

    described = story.described()
    assert (described["state"], described["statement"], described["lang"]) == ("AMENDED", "99% local sellers", "en")


def test_both_a_figure_and_what_disputes_it_are_kept() -> None:
    figure = {"metric": "digitised_msme_count", "value": "13700000", "unit": "count", "reference_time": "2020-12-31"}
    described = told(("ClaimPublished", figure), DISPUTED).described()

    assert (described["value"], described["reference_time"]) == ("13700000", "2020-12-31")
    assert [dispute["value"] for dispute in described["disputes"]] == ["2021-05"]


def test_a_predicate_s_id_is_used_once_in_a_claim() -> None:
    assert told(ATTACHED, ("ClaimPredicateAttached", attached("P2"))).breach() is None
    assert told(ATTACHED, ATTACHED).breach() == ("invalid-event", "/data/predicate_id", "e2")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"predicate": {"field": "status", "op": "is", "value": 1}}, "/predicate/op: "),
        ({"predicate": {"field": "colour", "op": "eq", "value": 1}}, "/predicate: nothing has a field colour"),
        ({"predicate": {}}, "/predicate/field: "),
    ],
)
def test_a_predicate_that_does_not_parse_is_refused(change: dict[str, Any], fault: str) -> None:
    payload("ClaimPredicateAttached", **attached()).check()
    with pytest.raises(ValueError, match=fault):
        payload("ClaimPredicateAttached", **attached(**change)).check()


@pytest.mark.parametrize(
    "accepted",
    [
        evaluated("CONFIRMED", "1"),
        evaluated("CONFIRMED", "1.0"),
        evaluated("CONFIRMED", 1),
        evaluated("FALSIFIED", "0.001", counterexamples_n=1),
        evaluated("FALSIFIED", "1", counterexamples_n=2, undetermined_n=5),
        evaluated("NOT_FALSIFIED", "0.001"),
        evaluated("NOT_FALSIFIED", "0.001", undetermined_n=1),
        evaluated("UNDETERMINED", "1", undetermined_n=1),
        evaluated("UNDETERMINED", "0.5"),
        evaluated("UNDETERMINED", "0", population_n=0, tested_n=0),
        evaluated("UNDETERMINED", "1", population_n=0, tested_n=0),
    ],
)
def test_a_verdict_that_the_counts_allow_is_taken(accepted: dict[str, Any]) -> None:
    payload("ClaimEvaluated", **accepted).check()


@pytest.mark.parametrize(
    ("refused", "fault"),
    [
        (evaluated("CONFIRMED", "0.999"), "/verdict: CONFIRMED"),
        (evaluated("CONFIRMED", "1", undetermined_n=1), "/verdict: CONFIRMED"),
        (evaluated("CONFIRMED", "1", counterexamples_n=1), "/verdict: a claim is FALSIFIED"),
        (evaluated("FALSIFIED", "1"), "/verdict: a claim is FALSIFIED"),
        (evaluated("NOT_FALSIFIED", "0.5", counterexamples_n=1), "/verdict: a claim is FALSIFIED"),
        (evaluated("UNDETERMINED", "0.5", counterexamples_n=1), "/verdict: a claim is FALSIFIED"),
        (evaluated("UNDETERMINED", "1"), "/verdict: with a coverage of 1"),
        (evaluated("NOT_FALSIFIED", "1.001"), "/coverage: "),
        (evaluated("NOT_FALSIFIED", "-0.1"), "/coverage: "),
    ],
)
def test_a_verdict_that_the_counts_do_not_allow_is_refused(refused: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        payload("ClaimEvaluated", **refused).check()


def test_a_stated_population_is_text_or_canonical_json() -> None:
    for stated in ("active sellers", {"status": "ACTIVE"}):
        payload("ClaimPublished", reference_time="2023", population={"filter": stated}).check()
    with pytest.raises(ValueError, match="/population/filter/share: "):
        payload("ClaimPublished", reference_time="2023", population={"filter": {"share": 0.5}}).check()


@pytest.mark.parametrize(
    "text", ["2020", "2021-05", "2020-12-31", "2020-01-01/2020-12-31", "2023-07-26T05:00:00+07:00"]
)
def test_what_a_claim_is_about_is_an_instant_a_date_or_a_period(text: str) -> None:
    payload("ClaimPublished", reference_time=text)
    with pytest.raises(msgspec.ValidationError):
        payload("ClaimPublished", reference_time=f"{text}/")


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("ClaimPublished", {"reference_time": "2023"}, {"statement": "x"}),
        ("ClaimPublished", STATED, {**STATED, "statement": "x" * 1001}),
        ("ClaimPredicateAttached", without(attached(), "author", "size_claimed"), without(attached(), "population")),
        ("ClaimPredicateAttached", attached(), attached(population={"log": "tiktok-shop-id"})),
        ("ClaimPredicateAttached", attached(reading="OTHER"), attached(reading="LOOSE")),
        ("ClaimEvaluated", evaluated(), without(evaluated(), "coverage")),
        ("ClaimEvaluated", evaluated(), evaluated("PROVEN")),
        ("ClaimEvaluated", evaluated(coverage=0), evaluated(coverage=2)),
        ("ClaimWithdrawn", {}, {"who": "x"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
