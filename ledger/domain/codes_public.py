"""Code lists of public law and public statements: policies, orders, investigations, claims, reports, records.

As in `codes`: a closed list is a `Literal`, an open one takes its known codes and extensions that begin with `X_`.
"""

# fmt: off

from collections.abc import Mapping
from typing import Annotated, Literal

from ledger.domain.codes import open_codes

PolicyKind = Annotated[
    str,
    open_codes(
        "LAW", "REGULATION", "DECREE", "PLATFORM_TERMS", "PLATFORM_PROGRAMME", "GUIDANCE", "COURT_INTERPRETATION",
    ),
]
"""What a policy is."""

RuleSubject = Literal[
    "LISTING", "SELLER", "PLATFORM", "CASE", "DISPUTE", "ORDER",
]
"""What a rule is about."""

RuleScope = Literal[
    "ALL_PRODUCTS", "SELECTED_CATEGORIES",
]
"""How far a rule reaches."""

RuleEffect = Annotated[
    str,
    open_codes(
        "PROHIBIT_VISIBLE", "REQUIRE", "PRICE_FLOOR", "DEADLINE", "THRESHOLD",
    ),
]
"""What follows where a rule's predicate is true."""

RuleSeverity = Annotated[
    str,
    open_codes(
        "BREACH", "WARNING", "INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL",
    ),
]
"""How much a rule weighs, and how much a finding of an audit does."""

ReviewTrigger = Annotated[
    str,
    open_codes(
        "PERIODIC", "REQUEST", "INCIDENT",
    ),
]
"""Why a policy was reviewed."""

ReviewOutcome = Literal[
    "UNCHANGED", "AMEND", "REPEAL",
]
"""What a review came to."""

OrderKind = Annotated[
    str,
    open_codes(
        "TAKEDOWN", "ACCESS_BLOCK", "DISCLOSE_INFORMATION", "CORRECT", "CEASE_SERVICE", "PRESERVE",
    ),
]
"""What an authority orders."""

Urgency = Literal[
    "NORMAL", "URGENT",
]
"""How soon an order is to be given effect."""

EffectExtent = Literal[
    "FULL", "PARTIAL",
]
"""How far an order was given effect."""

InformationExtent = Literal[
    "FULL", "PARTIAL", "NONE",
]
"""How far a request for information was answered."""

SanctionStep = Annotated[
    str,
    open_codes(
        "WRITTEN_WARNING_1", "WRITTEN_WARNING_2", "WRITTEN_WARNING_3", "PRIORITY_SUPERVISION_LIST", "BLACKLIST",
        "TEMPORARY_BLOCK", "LICENCE_REVOCATION", "TAKEDOWN_ORDER", "ST1", "ST2", "ST3", "FINE",
    ),
]
"""Steps of the ladders of sanctions."""

LADDERS: Mapping[str, tuple[str, ...]] = {
    "ID-MoTR-31": (
        "WRITTEN_WARNING_1", "WRITTEN_WARNING_2", "WRITTEN_WARNING_3", "PRIORITY_SUPERVISION_LIST", "BLACKLIST",
        "TEMPORARY_BLOCK", "LICENCE_REVOCATION",
    ),
    "ID-SAMAN": ("TAKEDOWN_ORDER", "ST1", "ST2", "ST3"),
}
"""The steps of each known ladder, from the lowest; a fine stands beside them."""

InvestigationKind = Literal[
    "ONLINE", "OFFLINE",
]
"""Where an investigation takes place."""

Authenticity = Literal[
    "YES", "NO", "UNKNOWN",
]
"""Whether what was bought is genuine."""

Attribution = Annotated[
    str,
    open_codes(
        "DIRECT_QUOTE", "PARAPHRASE", "HEADLINE", "ATTESTATION", "STATISTIC",
    ),
]
"""How directly a statement is its speaker's."""

ClaimReading = Literal[
    "LITERAL", "STRICT", "OTHER",
]
"""How a predicate reads a claim's words."""

ClaimSubject = Literal[
    "SELLER", "LISTING", "PLATFORM",
]
"""What a claim's predicate is asked of."""

Verdict = Literal[
    "CONFIRMED", "FALSIFIED", "NOT_FALSIFIED", "UNDETERMINED",
]
"""What an evaluation of a claim came to (domain.md D10)."""

ReportTemplate = Annotated[
    str,
    open_codes(
        "DSA_2024_2835", "ID_PMSE", "IPR_ANNUAL", "EU_MOU_KPI", "ODR",
    ),
]
"""Forms of transparency reports."""

DeferralGround = Annotated[
    str,
    open_codes(
        "STATUTORY_RETENTION", "LEGAL_HOLD", "LEGAL_CLAIM",
    ),
]
"""Why an erasure waits."""

AnchorKind = Annotated[
    str,
    open_codes(
        "RFC3161", "BLOCKCHAIN", "GAZETTE", "WITNESS",
    ),
]
"""Where outside the ledger a checkpoint is kept."""

SELLER_FIELDS = frozenset({
    "id", "lifecycle", "status", "platform_id", "party_id", "country", "account_type", "store_kind", "registered_at",
    "closed_at", "programme_ids", "size_class", "warnings", "points", "strikes", "serious_strikes", "restricted",
    "verification", "verification_id", "verification_status", "verification_method", "verified_at", "verified_by",
    "valid_to", "checks", "entity_class", "document_type", "document_country",
})
"""What a predicate may ask of a seller."""

LISTING_FIELDS = frozenset({
    "id", "lifecycle", "status", "visible", "restricted", "seller_id", "platform_id", "title", "category_code",
    "taxonomy_version", "cluster", "hs_code", "gtin", "brand", "ship_from_country", "goods_origin_country",
    "destination_countries", "price", "price_amount", "price_minor", "price_currency", "price_usd", "price_basis",
    "fx_quote", "fx_rate", "fx_rate_date", "conformity", "content_sha256", "relist_of", "published_at",
    "platform.country", "platform.business_model",
    *(f"seller.{name}" for name in SELLER_FIELDS),
})
"""What a predicate may ask of a listing: its own attributes, and those of its seller and platform."""

FIELDS: Mapping[str, frozenset[str]] = {"SELLER": SELLER_FIELDS, "LISTING": LISTING_FIELDS}
"""The fields that are known, by what a predicate is about; of other subjects anything may be asked."""
