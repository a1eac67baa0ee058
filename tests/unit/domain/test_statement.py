"""Statements of reasons as an event: what it must say, its older codes, its ids."""

from typing import Any
from uuid import RFC_4122

import msgspec
import pytest

from ledger.domain import statement_codes as codes
from ledger.domain.catalogue import decode_payload, read_payload
from ledger.domain.codes import (
    AccountType,
    AutomatedDecision,
    DecisionAccount,
    DecisionGround,
    DecisionMonetary,
    DecisionProvision,
    DecisionVisibility,
)
from ledger.domain.payload import EventId
from ledger.domain.statement import StatementSubmitted, statement_id, statement_subject, statement_uuid
from ledger.domain.statement_codes import known_codes
from tests.shared import needs_shared, shared_path

NAME = StatementSubmitted.event_type
SOUND: dict[str, Any] = {
    "puid": "TK421",
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "content_date": "2024-03-12",
    "application_date": "2024-03-13",
    "decision_facts": "facts",
    "source_type": "SOURCE_VOLUNTARY",
    "automated_detection": "Yes",
    "automated_decision": "AUTOMATED_DECISION_FULLY",
}
LISTS = {
    "DECISION_VISIBILITIES": DecisionVisibility,
    "DECISION_MONETARIES": DecisionMonetary,
    "DECISION_PROVISIONS": DecisionProvision,
    "DECISION_ACCOUNTS": DecisionAccount,
    "ACCOUNT_TYPES": AccountType,
    "DECISION_GROUNDS": DecisionGround,
    "AUTOMATED_DECISIONS": AutomatedDecision,
    "AUTOMATED_DETECTIONS": codes.YesOrNo,
    "INCOMPATIBLE_CONTENT_ILLEGALS": codes.YesOrNo,
    "CONTENT_TYPES": codes.ContentType,
}


def read(version: int, **said: Any) -> StatementSubmitted:  # noqa: ANN401 - JSON
    """Return a sound statement, with these members instead, as an event of this version is read."""
    data = msgspec.json.encode({name: value for name, value in {**SOUND, **said}.items() if value is not None})
    payload = decode_payload(NAME, version, data)
    assert msgspec.to_builtins(payload) == msgspec.to_builtins(read_payload(NAME, version, data))
    assert isinstance(payload, StatementSubmitted)
    return payload


def test_a_statement_of_version_1_is_read_in_the_codes_of_version_2() -> None:
    old = read(
        1,
        category="STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE",
        category_addition=["STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT", "STATEMENT_CATEGORY_VIOLENCE"],
        category_specification=["KEYWORD_DISINFORMATION", "KEYWORD_DANGEROUS_TOYS", "KEYWORD_NUDITY"],
    )

    assert old == read(
        2,
        category="STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        category_addition=["X_STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT", "STATEMENT_CATEGORY_VIOLENCE"],
        category_specification=["KEYWORD_MISINFORMATION_DISINFORMATION", "X_KEYWORD_DANGEROUS_TOYS", "KEYWORD_NUDITY"],
    )


@pytest.mark.parametrize("code", codes.SUCCESSORS)
def test_a_code_that_only_version_1_had_is_none_of_version_2(code: str) -> None:
    member = "category" if code.startswith("STATEMENT") else "category_specification"
    value = code if member == "category" else [code]

    assert read(1, **{member: value}).category
    with pytest.raises(msgspec.ValidationError, match=member):
        read(2, **{member: value})


@pytest.mark.parametrize("name", [name for name in SOUND if name != "decision_account"])
def test_a_statement_lacks_nothing_that_the_database_asks_for(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=name):
        read(2, **{name: None})


def test_a_statement_is_of_a_decision() -> None:
    with pytest.raises(ValueError, match="one of decision_visibility"):
        read(2, decision_account=None).check()


@pytest.mark.parametrize("puid", ["a", "x" * 500])
def test_ids_follow_from_the_puid_however_long_it_is(puid: str) -> None:
    uuid = statement_uuid("shop", puid)

    assert msgspec.convert(statement_id(puid), EventId) == statement_id(puid)
    assert (uuid.version, uuid.variant) == (8, RFC_4122)
    assert uuid == statement_uuid("shop", puid) != statement_uuid("rival", puid)
    assert statement_subject("shop", uuid) == f"statement:shop:{uuid}"


def test_no_two_statements_of_a_log_have_the_same_id() -> None:
    puids = [str(number) for number in range(1000)]

    assert len({statement_id(puid) for puid in puids}) == len({statement_uuid("shop", puid) for puid in puids}) == 1000


@needs_shared
def test_the_codes_are_those_of_the_database() -> None:
    theirs = msgspec.json.decode(shared_path("dsa/enumerations.json").read_bytes())

    assert {name: set(known_codes(ours)) for name, ours in LISTS.items()} == {name: set(theirs[name]) for name in LISTS}
    assert set(codes.CATEGORIES) == set(theirs["STATEMENT_CATEGORIES"])
    assert set(codes.KEYWORDS) == set(theirs["KEYWORDS"])
    assert set(codes.SOURCE_TYPES) == set(theirs["SOURCE_TYPES"])
    assert set(codes.EEA) == set(theirs["EUROPEAN_COUNTRY_CODES"])
    assert set(codes.LANGUAGES) == set(theirs["ALL_LANGUAGES"])
