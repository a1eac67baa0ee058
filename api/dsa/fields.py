"""The fields of a statement of reasons as the DSA Transparency Database takes them, each with its rules. Data alone.

Version 2 is in force since 2025-07-01; version 1 has the codes of before besides.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from api.dsa import values
from ledger.domain import statement_codes as codes
from ledger.domain.codes import (
    AccountType,
    AutomatedDecision,
    DecisionAccount,
    DecisionGround,
    DecisionMonetary,
    DecisionProvision,
    DecisionVisibility,
)
from ledger.domain.statement import EXPLANATION_MAX, FACTS_MAX, PUID_MAX, SHORT_MAX
from ledger.domain.statement_codes import known_codes

Version = Literal[1, 2]
Check = Callable[[str, Any], str | None]
"""What is wrong with a value, given the name of its field for the message; None: nothing."""

EARLIEST_CONTENT = date(2000, 1, 1)
EARLIEST_APPLICATION = date(2020, 1, 1)
LATEST = date(2038, 1, 1)
"""The database's own bounds of dates."""
DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
"""What a statement may be of: one of these at least."""
EAN = "EAN-13"
"""The one kind of identifier that `content_id` may have."""


class Condition(Struct, frozen=True):
    """When a field counts: while another has this code (among others); with `unless`, while it has not."""

    field: str
    code: str
    unless: bool = False

    def holds(self, statement: Mapping[str, Any]) -> bool:
        """Tell whether the field counts in this statement."""
        value = statement.get(self.field)
        given = self.code in value if isinstance(value, list) else self.code == value
        return given is not self.unless


class Field(Struct, frozen=True):
    """One field: what its values must be, what is said where it is missing (None: it may be), when it counts."""

    name: str
    checks: Sequence[Check] = ()
    missing: str | None = None
    when: Condition | None = None


def _required(name: str, *checks: Check, when: Condition | None = None, because: str = "") -> Field:
    return Field(name, checks, f"The {values.label(name)} field is required{because}.", when)


def _decision(name: str, *checks: Check) -> Field:
    others = " / ".join(values.label(other) for other in DECISIONS if other != name)
    return _required(name, *checks, because=f" when none of {others} are present")


def _end_date(name: str) -> Field:
    called = f"end date of {name.removeprefix('end_date_').replace('_', ' ')}"
    return Field(name, (values.dated(called, None, LATEST),))


_ILLEGAL = Condition("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT")
_INCOMPATIBLE = Condition("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT")
_IS_ILLEGAL = " when decision ground is illegal content"
_IS_INCOMPATIBLE = " when decision ground is incompatible content"
_SHORT, _EXPLANATION = values.text(SHORT_MAX), values.text(EXPLANATION_MAX)


def _each(known: Sequence[str]) -> tuple[Check, Check]:
    return values.array, values.all_coded(known)


@cache
def fields_of(version: Version) -> Sequence[Field]:
    """Return the fields of a version, in the order in which their faults are told."""
    old = tuple(codes.SUCCESSORS) if version == 1 else ()
    categories, keywords = (*codes.CATEGORIES, *old), (*codes.KEYWORDS, *old)
    yes_or_no = values.coded(known_codes(codes.YesOrNo))
    return (
        _decision("decision_visibility", *_each(known_codes(DecisionVisibility))),
        _required(
            "decision_visibility_other", _SHORT, when=Condition("decision_visibility", "DECISION_VISIBILITY_OTHER")
        ),
        _decision("decision_monetary", values.coded(known_codes(DecisionMonetary))),
        _required(
            "decision_monetary_other",
            _SHORT,
            when=Condition("decision_monetary", "DECISION_MONETARY_OTHER"),
            because=" when decision monetary is other",
        ),
        _decision("decision_provision", values.coded(known_codes(DecisionProvision))),
        _decision("decision_account", values.coded(known_codes(DecisionAccount))),
        Field("account_type", (values.coded(known_codes(AccountType)),)),
        Field("category_specification", _each(keywords)),
        Field("category_specification_other", (_SHORT,), when=Condition("category_specification", "KEYWORD_OTHER")),
        _required("decision_ground", values.coded(known_codes(DecisionGround))),
        Field("decision_ground_reference_url", (_SHORT, values.url)),
        _required("illegal_content_legal_ground", _SHORT, when=_ILLEGAL, because=_IS_ILLEGAL),
        _required("illegal_content_explanation", _EXPLANATION, when=_ILLEGAL, because=_IS_ILLEGAL),
        _required("incompatible_content_ground", _SHORT, when=_INCOMPATIBLE, because=_IS_INCOMPATIBLE),
        _required("incompatible_content_explanation", _EXPLANATION, when=_INCOMPATIBLE, because=_IS_INCOMPATIBLE),
        Field("incompatible_content_illegal", (yes_or_no,), when=_INCOMPATIBLE),
        _required("content_type", *_each(codes.CONTENT_TYPES)),
        _required("content_type_other", _SHORT, when=Condition("content_type", "CONTENT_TYPE_OTHER")),
        _required("category", values.coded(categories)),
        Field("category_addition", _each(categories)),
        Field("territorial_scope", _each(codes.EEA)),
        Field("content_language", (values.coded(codes.LANGUAGES),)),
        _required("content_date", values.dated("content date", EARLIEST_CONTENT, LATEST)),
        _required("application_date", values.dated("application date", EARLIEST_APPLICATION, LATEST)),
        _end_date("end_date_account_restriction"),
        _end_date("end_date_monetary_restriction"),
        _end_date("end_date_service_restriction"),
        _end_date("end_date_visibility_restriction"),
        _required("decision_facts", values.text(FACTS_MAX)),
        _required("source_type", values.coded(codes.SOURCE_TYPES)),
        Field("source_identity", (_SHORT,), when=Condition("source_type", "SOURCE_VOLUNTARY", unless=True)),
        _required("automated_detection", yes_or_no),
        _required("automated_decision", values.coded(known_codes(AutomatedDecision))),
        _required("puid", values.text(PUID_MAX), values.identifier),
        Field("content_id", (values.keyed,)),
        Field(f"content_id.{EAN}", (values.ean,)),
        Field("content_id_ean", (values.ean,)),
    )
