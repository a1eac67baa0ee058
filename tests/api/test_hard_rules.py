"""The hard rules of `domain.md` sections 6, 7 and 9, over HTTP: what has no meaning is refused, by its code there.

Envelopes, shapes and bounds are judged in test_bad_input; each rule's own cases, imprecise times among them, in
tests/unit/domain.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pytest

from ledger.tokens import create_token
from tests.api.desk import Desk, Event, block, corrected, event, filed, outcome, published, reinstated, voided

EARLY, LATE = "2026-01-05T00:00:00Z", "2026-01-15T00:00:00Z"
ACCOUNT: Event = {"decision_account": "DECISION_ACCOUNT_SUSPENDED"}
SERVICE: Event = {"service": "CHECKOUT", "country": "ID"}
RULE: Event = {
    "rule_id": "r",
    "version": "1",
    "applies_to": "LISTING",
    "when": {"field": "cluster", "op": "exists"},
    "then": "PROHIBIT_VISIBLE",
}
UNPARSED: Event = {**RULE, "when": {}}
VERSION: Event = {"version": "1", "adopted_on": "2026-01-01"}
COUNTS: Event = {"population_n": 3, "tested_n": 3, "undetermined_n": 0, "predicate_id": "P"}
ASKED: Event = {"as_of": "2026-01-01", "known_at": "2026-01-02", **COUNTS}
READING: Event = {
    "predicate_id": "P",
    "reading": "LITERAL",
    "applies_to": "SELLER",
    "population": {"log": "shop", "status": "ACTIVE"},
    "predicate": {"field": "country", "op": "eq", "value": "ID"},
}
NATURAL: Event = {"kind": "NATURAL"}


class Rule(NamedTuple):
    """What happened, what is refused after it, and how."""

    name: str
    told: Sequence[Event]
    refused: Event
    code: str
    pointer: str
    status: int = 422


def seller(event_id: str, event_type: str, time: str = LATE, **data: object) -> Event:
    return event(event_id, event_type, "seller:shop:S", time, **data)


def platform(event_id: str, event_type: str, time: str = LATE, **data: object) -> Event:
    return event(event_id, event_type, "platform:shop", time, **data)


LIFTED = ("SellerSuspensionLifted", "SellerPaymentsReleased", "SellerBanRevoked")
UNBEGUN = [
    Rule(f"{name} of nothing", [], seller("e", name, restriction_id="R"), "unknown-restriction", "/data/restriction_id")
    for name in LIFTED
]
VERIFICATIONS = [
    Rule(f"{name} of nothing", [], seller("e", name, verification_id="V"), "unknown-reference", "/data/verification_id")
    for name in ("SellerVerificationExpired", "SellerVerificationRevoked", "SellerVerificationRejected")
]
ONCE = [
    Rule("a platform twice", [platform("a", "PlatformRegistered", slug="s")],
         platform("b", "PlatformRegistered", slug="t"), "invalid-event", "/data/slug"),
    Rule("a seller twice", [seller("a", "SellerRegistered")], seller("b", "SellerRegistered"),
         "invalid-event", "/type"),
    Rule("a party twice", [event("a", "PartyRegistered", "party:a", kind="LEGAL")],
         event("b", "PartyRegistered", "party:a", kind="LEGAL"), "invalid-event", "/type"),
    Rule("a body established twice", [event("a", "BodyEstablished", "body:a", kind="ALLIANCE")],
         event("b", "BodyEstablished", "body:a", kind="ALLIANCE"), "invalid-event", "/type"),
    Rule("a taxonomy's version twice", [event("a", "TaxonomyVersionPublished", "taxonomy:shop:t", version="1")],
         event("b", "TaxonomyVersionPublished", "taxonomy:shop:t", version="1"), "invalid-event", "/data/version"),
    Rule("a restriction's id twice", [block("A", "R")], {**block("A", "R"), "id": "b"},
         "invalid-event", "/data/restriction_id"),
    Rule("a predicate's id twice", [event("a", "ClaimPredicateAttached", "claim:shop:C", **READING)],
         event("b", "ClaimPredicateAttached", "claim:shop:C", **READING), "invalid-event", "/data/predicate_id"),
    Rule("a policy's version twice", [event("a", "PolicyVersionAdopted", "policy:p", **VERSION)],
         event("b", "PolicyVersionAdopted", "policy:p", LATE, **VERSION), "version-overlap", "/data/version", 409),
    Rule("a rule's version twice", [event("a", "PolicyRuleDefined", "policy:p", **RULE)],
         event("b", "PolicyRuleDefined", "policy:p", LATE, **RULE), "version-overlap", "/data/version", 409),
    Rule("an outcome twice", [filed("D"), outcome("D")], outcome("D", LATE, number=2),
         "outcome-exists", "/data/outcome", 409),
]  # fmt: skip
ENDED = [
    Rule("a reinstatement of nothing", [], reinstated("A", "R"), "unknown-restriction", "/data/restriction_id"),
    Rule("a reinstatement twice", [block("A", "R"), reinstated("A", "R")], {**reinstated("A", "R"), "id": "b"},
         "unknown-restriction", "/data/restriction_id"),
    Rule("an amendment of nothing", [published("A")],
         event("b", "RestrictionAmended", "listing:shop:A", restriction_id="R", set={"end_at": None}),
         "unknown-restriction", "/data/restriction_id"),
    Rule("a service resumed that runs", [], platform("b", "ServiceResumed", **SERVICE),
         "unknown-reference", "/data/service"),
    Rule("a service resumed elsewhere", [platform("a", "ServiceSuspended", EARLY, **SERVICE)],
         platform("b", "ServiceResumed", **{**SERVICE, "country": "MY"}), "unknown-reference", "/data/service"),
]  # fmt: skip
IMPOSSIBLE = [
    Rule("a reinstatement before its block", [block("A", "R", LATE)], reinstated("A", "R", EARLY),
         "timeline-impossible", "/time", 409),
    Rule("an outcome before its filing", [filed("D", LATE)], outcome("D", EARLY), "timeline-impossible", "/time", 409),
    Rule("a decision before its appeal", [event("a", "AppealFiled", "appeal:shop:A", LATE, target_event_id="x")],
         event("b", "AppealDecided", "appeal:shop:A", EARLY, result="OVERTURNED"), "timeline-impossible", "/time", 409),
    Rule("a service resumed before it stopped", [platform("a", "ServiceSuspended", LATE, **SERVICE)],
         platform("b", "ServiceResumed", EARLY, **SERVICE), "timeline-impossible", "/time", 409),
    Rule("a beginning voided whose end stands", [block("A", "R"), reinstated("A", "R")],
         voided("v", "listing:shop:A", "block-A-R"), "timeline-impossible", "", 409),
    Rule("a correction that puts the end first", [block("A", "R"), reinstated("A", "R")],
         corrected("c", "listing:shop:A", "block-A-R", time=LATE), "timeline-impossible", "", 409),
]  # fmt: skip
CORRECTIONS = [
    Rule("a correction of nothing", [published("A")], corrected("c", "listing:shop:A", "nobody", time=EARLY),
         "unknown-reference", "/data/target_event_id"),
    Rule("a correction in another stream", [published("A")], corrected("c", "listing:shop:B", "pub-A", time=EARLY),
         "unknown-reference", "/data/target_event_id"),
    Rule("a correction after a void", [published("A"), voided("v", "listing:shop:A", "pub-A")],
         corrected("c", "listing:shop:A", "pub-A", time=EARLY), "unknown-reference", "/data/target_event_id"),
    Rule("a void twice", [published("A"), voided("v", "listing:shop:A", "pub-A")],
         voided("w", "listing:shop:A", "pub-A"), "unknown-reference", "/data/target_event_id"),
    Rule("a void of a correction", [published("A"), corrected("c", "listing:shop:A", "pub-A", time=EARLY)],
         voided("v", "listing:shop:A", "c"), "invalid-event", "/data/target_event_id"),
    Rule("a correction to no event", [published("A")],
         corrected("c", "listing:shop:A", "pub-A", data={"ship_from_country": "ZZ"}), "invalid-event", "/data/set"),
    Rule("a correction of an id", [block("A", "R")],
         corrected("c", "listing:shop:A", "block-A-R", data={"restriction_id": "Q"}), "invalid-event", "/data/set"),
    Rule("a correction into the future", [block("A", "R")],
         corrected("c", "listing:shop:A", "block-A-R", time="2999-01-01T00:00:00Z"),
         "future-not-allowed", "/data/set/time"),
]  # fmt: skip
SHAPES = [
    Rule("a restriction of nothing", [], seller("b", "SellerBanned", restriction_id="R"), "invalid-event", "/data"),
    Rule("a NIB of 12 digits", [], event("b", "PartyIdentifierAdded", "party:a", scheme="NIB", value="1" * 12),
         "invalid-event", "/data"),
    Rule("a person that is no data subject", [], event("b", "PartyRegistered", "party:a", **NATURAL),
         "invalid-event", "/data"),
    Rule("a person's name in clear", [], event("b", "PartyRegistered", "party:a", name="Ana", **NATURAL),
         "pii-without-subject", "/data/name"),
    Rule("a link of one", [], event("b", "PartiesLinked", "party:a", party_a="party:a", party_b="party:a",
                                    relation="OWNS", confidence="1"), "invalid-event", "/data"),
    Rule("an agreement of one", [], event("b", "AgreementSigned", "agreement:a", kind="MOU", parties=["party:a"]),
         "invalid-event", "/data/parties"),
    Rule("a predicate that does not parse", [], event("b", "PolicyRuleDefined", "policy:p", **UNPARSED),
         "invalid-event", "/data"),
    Rule("a confirmed claim with a gap", [],
         event("b", "ClaimEvaluated", "claim:shop:C", **ASKED, verdict="CONFIRMED", coverage="0.5",
               counterexamples_n=0), "invalid-event", "/data"),
    Rule("a claim not falsified by a counterexample", [],
         event("b", "ClaimEvaluated", "claim:shop:C", **ASKED, verdict="NOT_FALSIFIED", coverage="1",
               counterexamples_n=1), "invalid-event", "/data"),
]  # fmt: skip
RULES = [*UNBEGUN, *VERIFICATIONS, *ONCE, *ENDED, *IMPOSSIBLE, *CORRECTIONS, *SHAPES]


@pytest.fixture(scope="module")
async def ruled(shared_desk: Desk) -> Desk:
    """Return the desk with a log for each rule, and a token for all of them."""
    slugs = [f"rule-{number}" for number in range(len(RULES))]
    for slug in slugs:
        await shared_desk.service.create_log(slug, "PLATFORM", "Asia/Jakarta", "ID", "CONFIDENTIAL")
    keeper = shared_desk.service.database.pool("keeper")
    shared_desk.tokens = {**shared_desk.tokens, "ruled": await create_token(keeper, "PLATFORM_WRITER", slugs, None)}
    return shared_desk


@pytest.mark.parametrize("number", range(len(RULES)), ids=[rule.name for rule in RULES])
async def test_what_has_no_meaning_is_refused_by_its_code_and_nothing_of_it_is_stored(ruled: Desk, number: int) -> None:
    log, rule = f"rule-{number}", RULES[number]
    told = await ruled.send(rule.told, log=log, who="ruled")
    assert told.is_success, told.text
    response = await ruled.send(rule.refused, log=log, who="ruled")
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["code"], fault["pointer"]) == (rule.status, rule.code, rule.pointer)
    assert await ruled.size(log) == len(rule.told)
