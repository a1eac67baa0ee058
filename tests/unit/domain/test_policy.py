"""Policies: what is in force and enforced at a moment (domain.md 6.6), and what is refused of them."""

from typing import Any

import msgspec
import pytest

from ledger.domain import policy
from ledger.domain.policy import Policy
from tests.unit.domain.build import Story, moment, payload

AKAR = "policy:lazada-id:akar"
CLUSTERS = ("textile_fashion", "culinary", "craft")
JAKARTA = "Asia/Jakarta"
DAY1, DAY2, DAY3, DAY4 = (f"2021-08-0{day}T00:00:00Z" for day in (1, 2, 3, 4))
EXISTS: dict[str, Any] = {"field": "cluster", "op": "exists"}


def rule(name: str = "r", version: str = "1", **data: object) -> dict[str, Any]:
    return {
        "rule_id": name,
        "version": version,
        "applies_to": "LISTING",
        "when": EXISTS,
        "then": "PROHIBIT_VISIBLE",
        **data,
    }


def version(name: str = "1", **data: object) -> dict[str, Any]:
    return {"version": name, "adopted_on": "2021-08-01", **data}


ANNOUNCED = ("PolicyAnnounced", {"kind": "PLATFORM_PROGRAMME", "title": "AKAR"})
ADOPTED = ("PolicyVersionAdopted", version())
ADOPTED_2 = ("PolicyVersionAdopted", version("2"))
DEFINED = ("PolicyRuleDefined", rule())
DEFINED_2 = ("PolicyRuleDefined", rule(version="2"))
REVIEWED: tuple[str, dict[str, Any]] = ("PolicyReviewed", {"outcome": "AMEND", "next_review_due": "2022-01-31"})
SUSPENDED: tuple[str, dict[str, Any]] = ("PolicySuspended", {})
RESUMED: tuple[str, dict[str, Any]] = ("PolicyResumed", {})
REPEALED = ("PolicyRepealed", {"replaced_by": "policy:lazada-id:akar-2"})
Step = tuple[str, dict[str, Any]]


def told(*steps: Step, subject: str = AKAR) -> Story:
    """Tell steps on successive days from 2021-08-01 on."""
    story = Story(subject, JAKARTA)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-08-{day:02}T00:00:00Z", **data)
    return story


@pytest.mark.parametrize(
    ("steps", "status", "in_force"),
    [
        ([ANNOUNCED], "ANNOUNCED", []),
        ([REVIEWED], None, []),
        ([ADOPTED], "IN_FORCE", []),
        ([DEFINED], "IN_FORCE", ["r"]),
        ([ANNOUNCED, DEFINED], "IN_FORCE", ["r"]),
        ([DEFINED, ANNOUNCED], "IN_FORCE", ["r"]),
        ([ADOPTED, DEFINED, REVIEWED], "IN_FORCE", ["r"]),
        ([ADOPTED, DEFINED, SUSPENDED], "SUSPENDED", []),
        ([SUSPENDED], "SUSPENDED", []),
        ([RESUMED], None, []),
        ([ADOPTED, DEFINED, SUSPENDED, RESUMED], "IN_FORCE", ["r"]),
        ([ADOPTED, DEFINED, REPEALED], "REPEALED", []),
        ([REPEALED], "REPEALED", []),
        ([REPEALED, REPEALED], "REPEALED", []),
        ([ADOPTED, DEFINED, SUSPENDED, REPEALED], "REPEALED", []),
        ([ADOPTED, DEFINED, REPEALED, RESUMED], "REPEALED", []),
        ([ADOPTED, DEFINED, REPEALED, ADOPTED_2], "IN_FORCE", []),
        ([ADOPTED, DEFINED, REPEALED, ADOPTED_2, DEFINED_2], "IN_FORCE", ["r"]),
    ],
)
def test_each_event_leads_where_the_table_says(steps: list[Step], status: str | None, in_force: list[str]) -> None:
    described = told(*steps).described()

    assert (described["status"], described["rules_in_force"]) == (status, in_force)


MOTR: dict[str, Any] = version(
    adopted_on="2023-09-25",
    text_sha256="0" * 64,
    lang="id",
    jurisdiction=["ID"],
    enforcement_from="2023-10-03T17:00:00Z",
    replaces="policy:id-permendag-50-2020",
)
PRICE_FLOOR = rule(severity="BREACH", params={"usd": "100"})
REVIEW: dict[str, Any] = {"trigger": "REQUEST", **REVIEWED[1]}
GRACE: dict[str, Any] = {"until": "2023-10-03", "addressee": "platform:x"}
READING: dict[str, Any] = {"issuer": "Kemendag", "article": "21", "binding": False}


def motr() -> Story:
    story = Story("policy:id-permendag-31-2023", JAKARTA)
    story.tell("PolicyVersionAdopted", "2023-09-25T17:00:00Z", precision="DAY", **MOTR)
    story.tell("PolicyRuleDefined", "2023-09-25T17:00:00Z", precision="DAY", **PRICE_FLOOR)
    story.tell("EnforcementGraceGranted", "2023-09-26T00:00:00Z", **GRACE)
    story.tell("PolicyInterpretationIssued", "2023-09-27T00:00:00Z", **READING)
    story.tell("PolicyReviewed", "2023-09-28T00:00:00Z", **REVIEW)
    return story


def test_a_policy_is_described_in_full() -> None:
    in_force_from = "2023-09-25T17:00:00.000000Z"
    enforced_from = "2023-10-03T17:00:00.000000Z"
    grace = {"granted_by": "e3", "granted_at": "2023-09-26T00:00:00.000000Z", "over_at": enforced_from, "runs": True}
    adopted = {"adopted_by": "e1", "effective_from": in_force_from, "enforced_from": enforced_from}

    assert motr().described("2023-09-30T00:00:00Z") == {
        "id": "policy:id-permendag-31-2023",
        "version": 5,
        "status": "IN_FORCE",
        "enforced": False,
        "version_in_force": "1",
        "versions": [{**MOTR, **adopted, "status": "IN_FORCE"}],
        "rules": [{**PRICE_FLOOR, "defined_by": "e2", "effective_from": in_force_from, "in_force": True}],
        "rules_in_force": ["r"],
        "graces": [{**GRACE, **grace}],
        "interpretations": [{**READING, "issued_by": "e4", "issued_at": "2023-09-27T00:00:00.000000Z"}],
        "reviews": [{**REVIEW, "reviewed_by": "e5", "reviewed_at": "2023-09-28T00:00:00.000000Z"}],
    }


def akar() -> Story:
    story = Story(AKAR, JAKARTA)
    for name in CLUSTERS:
        story.tell("PolicyRuleDefined", "2021-08-02T17:00:00Z", precision="DAY", **rule(f"akar-{name}"))
    return story


def corrected_akar() -> Story:
    story = akar()
    for fact, time in zip(story.facts[:3], ("2021-05-31", "2021-01-31", "2020-09-30"), strict=True):
        story.correct(fact, time=f"{time}T17:00:00Z")
    return story


def in_force(story: Story, as_of: str, events: int | None = None) -> list[str]:
    names: list[str] = story.described(as_of, events=events).get("rules_in_force", [])
    return names


def test_rules_of_a_day_are_in_force_from_the_first_instant_of_the_local_day() -> None:
    story = akar()

    assert in_force(story, "2021-08-02T16:59:59Z") == []
    assert in_force(story, "2021-08-02T17:00:01Z") == ["akar-craft", "akar-culinary", "akar-textile_fashion"]


def test_a_correction_puts_rules_in_force_earlier_only_for_who_knows_it() -> None:
    story = corrected_akar()

    assert story.breach() is None
    assert in_force(story, "2021-03-01T16:59:59Z", 3) == []
    assert in_force(story, "2021-03-01T16:59:59Z") == ["akar-craft", "akar-culinary"]
    assert in_force(story, "2021-07-15T16:59:59Z", 3) == []
    assert in_force(story, "2021-07-15T16:59:59Z") == ["akar-craft", "akar-culinary", "akar-textile_fashion"]


def test_a_later_version_of_a_rule_supersedes_the_one_before_from_its_time_on() -> None:
    story = Story(AKAR)
    story.tell("PolicyRuleDefined", DAY3, **rule(version="2"))
    story.tell("PolicyRuleDefined", DAY1, **rule(version="1"))

    versions = [
        [one["version"] for one in story.described(as_of)["rules"] if one["in_force"]] for as_of in (DAY1, DAY2, DAY3)
    ]
    assert versions == [["1"], ["1"], ["2"]]
    assert story.breach() is None


def test_of_two_versions_at_one_instant_the_one_recorded_later_is_in_force() -> None:
    story = Story(AKAR)
    story.tell("PolicyRuleDefined", DAY1, **rule(version="2"))
    story.tell("PolicyRuleDefined", DAY1, **rule(version="1"))

    assert [(one["version"], one["in_force"]) for one in story.described()["rules"]] == [("2", False), ("1", True)]


def test_a_version_is_superseded_by_the_next() -> None:
    described = told(ADOPTED, ADOPTED_2).described()

    assert [(one["version"], one["status"]) for one in described["versions"]] == [
        ("1", "SUPERSEDED"),
        ("2", "IN_FORCE"),
    ]


def test_what_is_adopted_is_not_in_force_before_its_time() -> None:
    state = told(ADOPTED, DEFINED).state()

    assert isinstance(state, Policy)
    assert policy.status_of(state, moment("2021-07-31T00:00:00Z")) == "ADOPTED"
    assert policy.describe(state, moment("2021-07-31T00:00:00Z"))["versions"][0]["status"] == "ADOPTED"
    assert policy.rules_in_force(state, moment("2021-07-31T00:00:00Z")) == []


def test_a_policy_repealed_and_replaced_on_one_day_is_never_in_force_twice() -> None:
    story = Story(AKAR)
    story.tell("PolicyVersionAdopted", DAY1, **version())
    story.tell("PolicyRuleDefined", DAY1, **rule())
    story.tell("PolicyRepealed", DAY3)
    story.tell("PolicyVersionAdopted", DAY3, **version("2"))
    story.tell("PolicyRuleDefined", DAY3, **rule("s", "2"))

    assert (in_force(story, DAY2), in_force(story, DAY3)) == (["r"], ["s"])
    described = story.described(DAY4)
    assert [one["status"] for one in described["versions"]] == ["REPEALED", "IN_FORCE"]
    assert [(one["rule_id"], one.get("repealed", False)) for one in described["rules"]] == [("r", True), ("s", False)]


def test_a_gap_between_versions_is_seen() -> None:
    story = told(ADOPTED, REPEALED, ANNOUNCED, ADOPTED_2)

    statuses = [story.described(f"2021-08-0{day}T12:00:00Z")["status"] for day in range(1, 5)]
    assert statuses == ["IN_FORCE", "REPEALED", "REPEALED", "IN_FORCE"]


def test_a_version_of_some_month_that_was_repealed_within_it_certainly_is_no_more() -> None:
    story = Story(AKAR)
    story.tell("PolicyVersionAdopted", DAY1, precision="MONTH", **version())
    story.tell("PolicyRuleDefined", DAY1, precision="MONTH", **rule())
    story.tell("PolicyRepealed", "2021-08-15T00:00:00Z")

    assert story.described(DAY2, "POSSIBLE")["status"] == "IN_FORCE"
    assert [story.described("2021-09-02T00:00:00Z", certainty)["status"] for certainty in ("CERTAIN", "POSSIBLE")] == [
        "REPEALED",
        "REPEALED",
    ]


def test_enforcement_begins_after_force_and_waits_for_the_grace() -> None:
    story = Story("policy:id-permendag-31-2023", JAKARTA)
    adopted = version(enforcement_from="2023-09-30", grace_until="2023-10-03")
    story.tell("PolicyVersionAdopted", "2023-09-25T17:00:00Z", precision="DAY", **adopted)
    story.tell("EnforcementGraceGranted", "2023-09-26T00:00:00Z", until="2023-10-04T10:00:00Z")

    enforced = {
        as_of: story.described(as_of).get("enforced")
        for as_of in ("2023-09-25T16:59:59Z", "2023-09-26T00:00:00Z", "2023-10-04T09:59:59Z", "2023-10-04T10:00:00Z")
    }
    assert list(enforced.values()) == [None, False, False, True]
    state = story.state()
    assert [instant.isoformat() for instant in story.stream.expiries(state)] == [
        "2023-09-29T17:00:00+00:00",
        "2023-10-03T17:00:00+00:00",
        "2023-10-04T10:00:00+00:00",
    ]


def test_grace_for_one_addressee_leaves_the_policy_enforced_against_all_others() -> None:
    grace: Step = ("EnforcementGraceGranted", {"until": "2021-08-09", "addressee": "platform:tiktok-shop-id"})
    described = told(ADOPTED, grace).described("2021-08-05T00:00:00Z")

    assert described["enforced"]
    assert [one["runs"] for one in described["graces"]] == [True]


@pytest.mark.parametrize("never", [{"enforcement_from": "9999-12-31"}, {"grace_until": "9999-12-31"}])
def test_a_policy_enforced_only_at_the_end_of_the_calendar_is_not_enforced(never: dict[str, Any]) -> None:
    described = told(("PolicyVersionAdopted", version(**never))).described()

    assert (described["status"], described["enforced"]) == ("IN_FORCE", False)


OVERLAP = ("version-overlap", "/data/version")


def test_a_version_of_a_rule_is_defined_once() -> None:
    def defined(*rules: dict[str, Any]) -> Story:
        return told(*(("PolicyRuleDefined", one) for one in rules))

    assert defined(rule("r", "1"), rule("r", "2")).breach() is None
    assert defined(rule("r", "1"), rule("s", "1")).breach() is None
    assert defined(rule("r", "1"), rule("r", "1")).breach() == (*OVERLAP, "e2")


def test_a_version_of_a_policy_is_adopted_once() -> None:
    assert told(ADOPTED, ADOPTED_2).breach() is None
    assert told(ADOPTED, ADOPTED).breach() == (*OVERLAP, "e2")
    assert told(ADOPTED, REPEALED, ADOPTED).breach() == (*OVERLAP, "e3")


def test_voiding_a_version_frees_it() -> None:
    story = told(DEFINED)
    story.void(story.facts[0])
    story.tell("PolicyRuleDefined", DAY3, **rule())

    assert story.breach() is None


@pytest.mark.parametrize("step", [SUSPENDED, RESUMED, REPEALED, REVIEWED])
def test_steps_that_were_skipped_or_are_repeated_are_accepted(step: Step) -> None:
    assert told(step, step).breach() is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"when": {"field": "cluster", "op": "like", "value": "C"}}, "/when/op: "),
        ({"when": {"all": []}}, "/when/all: "),
        ({"when": {"field": "colour", "op": "eq", "value": "red"}}, "/when: nothing has a field colour"),
        ({"params": {"usd": 1.5}}, "/params/usd: is no integer"),
        ({"params": {"list": [{"ä": 1}]}}, "/params/list/0: has a member"),
        ({"params": {"x": {"x": {"x": {"x": {"x": {"x": {"x": {"x": 1}}}}}}}}}, "is nested deeper"),
        ({"params": {"x": "x" * 20_000}}, "/params: is over 16384 bytes"),
    ],
)
def test_a_rule_s_predicate_parses_and_its_parameters_are_bounded(change: dict[str, Any], fault: str) -> None:
    payload("PolicyRuleDefined", **rule()).check()
    refused = payload("PolicyRuleDefined", **rule(**change))

    with pytest.raises(ValueError, match=fault):
        refused.check()


def test_what_a_rule_of_orders_asks_for_is_not_known_here() -> None:
    asks: dict[str, Any] = {"field": "urgency", "op": "eq", "value": "URGENT"}

    payload("PolicyRuleDefined", **rule(applies_to="ORDER", when=asks)).check()


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("PolicyAnnounced", {"kind": "LAW"}, {"title": "T"}),
        ("PolicyVersionAdopted", version(), {"version": "1"}),
        ("PolicyVersionAdopted", version(jurisdiction=["ID"]), version(jurisdiction=["XX"])),
        ("PolicyRuleDefined", rule(), {name: value for name, value in rule().items() if name != "when"}),
        ("PolicyRuleDefined", rule(scope="ALL_PRODUCTS"), rule(scope="ALL")),
        ("PolicyReviewed", {"outcome": "REPEAL"}, {"trigger": "PERIODIC"}),
        ("EnforcementGraceGranted", {"until": "2023-10-03"}, {}),
        ("PolicyRepealed", {"replaced_by": "policy:x"}, {"replaced_by": "x"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
