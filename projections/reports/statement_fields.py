"""A decision of ours as a statement of reasons in the fields of the DSA Transparency Database, version 2 (R2). Pure.

Codes of ours that the database does not have are written as those it has (domain.md 5). What a decision does not say
stays empty: a statement that lacks it shows that it does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.domain.instants import zone
from ledger.domain.restriction import WORLD, Restriction
from ledger.domain.statement_codes import EEA
from projections.metrics.decisions import Decision

COLUMNS = (
    "puid",
    "decision_visibility",
    "decision_visibility_other",
    "decision_monetary",
    "decision_monetary_other",
    "decision_provision",
    "decision_account",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "content_type",
    "content_type_other",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "territorial_scope",
    "content_language",
    "content_date",
    "application_date",
    "end_date_account_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_visibility_restriction",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "content_id_ean",
)
"""The fields of a statement, in the order of the database's own schema."""
PRODUCT = "CONTENT_TYPE_PRODUCT"
OTHER_VIOLATION = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
CATEGORIES: Mapping[str, str] = {
    "X_CATEGORY_CROSS_BORDER_TRADE": "KEYWORD_GEOGRAPHICAL_REQUIREMENTS",
    "X_CATEGORY_PRICE_FLOOR": "KEYWORD_GOODS_SERVICES_NOT_PERMITTED",
}
"""Categories of ours, with the keyword that says beside OTHER_VIOLATION what they are."""
SOURCES: Mapping[str, str] = {
    "X_SOURCE_GOOD_FAITH": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "X_SOURCE_ORDER": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "X_SOURCE_CONSUMER_REPORT": "SOURCE_TYPE_OTHER_NOTIFICATION",
    "X_SOURCE_RESTOCK_MATCH": "SOURCE_VOLUNTARY",
}
EAN_LENGTH = 13
YES_OR_NO: Mapping[bool | None, str | None] = {True: "Yes", False: "No", None: None}


def statement_of(decision: Decision, published: datetime | None, gtin: str | None, zone_name: str) -> dict[str, Any]:
    """Return a decision as a statement: its values by column.

    `published` is when the goods were, as far as is known, else the decision's own day stands for it; dates are of the
    log's zone.
    """
    said, restriction = decision.payload, decision.restriction
    category, keywords = _category(said.category, said.category_specification)
    return {
        **dict.fromkeys(COLUMNS),
        "puid": restriction.imposed_by,
        "decision_visibility": list(restriction.decision_visibility or ()),
        "decision_visibility_other": said.decision_visibility_other,
        "decision_monetary": restriction.decision_monetary,
        "decision_provision": restriction.decision_provision,
        "decision_account": restriction.decision_account,
        "decision_ground": said.decision_ground,
        **_grounds(decision),
        "content_type": [PRODUCT],
        "category": category,
        "category_specification": keywords,
        "territorial_scope": _territories(restriction.territorial_scope),
        "content_date": _date(published or decision.at, zone_name),
        "application_date": _date(decision.at, zone_name),
        **_end_dates(restriction),
        "decision_facts": said.decision_facts,
        "source_type": SOURCES.get(said.source_type or "", said.source_type),
        "automated_detection": YES_OR_NO[said.automated_detection],
        "automated_decision": said.automated_decision,
        "content_id_ean": gtin if gtin is not None and len(gtin) == EAN_LENGTH else None,
    }


def _category(category: str | None, keywords: tuple[str, ...] | None) -> tuple[str | None, list[str]]:
    listed = list(keywords or ())
    keyword = CATEGORIES.get(category or "")
    return (category, listed) if keyword is None else (OTHER_VIOLATION, list(dict.fromkeys([*listed, keyword])))


def _grounds(decision: Decision) -> dict[str, str | None]:
    """Say the instrument and article that a decision cites, in the fields of its ground."""
    cited = decision.payload.legal_basis or ()
    instruments = ", ".join(" ".join(filter(None, (one.instrument_id, one.article))) for one in cited) or None
    match decision.payload.decision_ground:
        case "DECISION_GROUND_ILLEGAL_CONTENT":
            prefix = "illegal_content_legal_ground", "illegal_content_explanation"
        case "DECISION_GROUND_INCOMPATIBLE_CONTENT":
            prefix = "incompatible_content_ground", "incompatible_content_explanation"
        case _:
            return {}
    return dict(zip(prefix, (instruments, decision.payload.decision_facts), strict=True))


def _territories(scope: tuple[str, ...] | None) -> list[str]:
    return list(EEA) if scope is None or WORLD in scope else [country for country in scope if country in EEA]


def _end_dates(restriction: Restriction) -> dict[str, str | None]:
    """Say the end of each kind of restriction that it is: the database has a date for each."""
    end = None if restriction.end_at is None else restriction.end_at[: len("2026-01-31")]
    kinds = {
        "visibility": restriction.decision_visibility,
        "monetary": restriction.decision_monetary,
        "service": restriction.decision_provision,
        "account": restriction.decision_account,
    }
    return {f"end_date_{kind}_restriction": end if decided else None for kind, decided in kinds.items()}


def _date(instant: datetime, zone_name: str) -> str:
    return instant.astimezone(zone(zone_name)).date().isoformat()
