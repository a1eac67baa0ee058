"""Codes of statements of reasons, as the DSA Transparency Database has them: those in force, and those before.

The lists in force since 2025-07-01 (version 2) are those of `codes`, without extensions of ours. Version 1 had other
names for some codes, and some that have no successor: those are kept as extensions, so that no statement loses what it
said.
"""

# One code a line would be hundreds of lines that say no more.
# fmt: off

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from ledger.domain.codes import Keyword, SourceType, StatementCategory, open_codes

EXTENSION = "X_"

ContentType = Annotated[
    str,
    open_codes(
        "CONTENT_TYPE_APP", "CONTENT_TYPE_AUDIO", "CONTENT_TYPE_IMAGE", "CONTENT_TYPE_PRODUCT",
        "CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_TEXT", "CONTENT_TYPE_VIDEO", "CONTENT_TYPE_OTHER",
    ),
]
"""What a decision was about: a kind of content."""

YesOrNo = Literal["Yes", "No"]
"""How statements say what is true and what is not."""


def known_codes(code_list: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type, of which Python has no type
    """Return the codes of a list, open or closed, in its order: without extensions, ours or others'."""
    described = get_args(code_list)
    if not hasattr(described[-1], "pattern"):
        return described
    alternatives = described[-1].pattern.removeprefix("^(?:").partition(")$")[0].split("|")
    return tuple(code for code in alternatives if not code.startswith(EXTENSION))


CATEGORIES = known_codes(StatementCategory)
KEYWORDS = known_codes(Keyword)
CONTENT_TYPES = known_codes(ContentType)
SOURCE_TYPES = known_codes(SourceType)

EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)
"""The European Economic Area: where a statement of reasons may be in force."""

LANGUAGES = (
    "AA", "AB", "AE", "AF", "AK", "AM", "AN", "AR", "AS", "AV", "AY", "AZ", "BA", "BE", "BG", "BH", "BI", "BM", "BN",
    "BO", "BR", "BS", "CA", "CE", "CH", "CO", "CR", "CS", "CU", "CV", "CY", "DA", "DE", "DV", "DZ", "EE", "EL", "EN",
    "EO", "ES", "ET", "EU", "FA", "FF", "FI", "FJ", "FO", "FR", "FY", "GA", "GD", "GL", "GN", "GU", "GV", "HA", "HE",
    "HI", "HO", "HR", "HT", "HU", "HY", "HZ", "IA", "ID", "IE", "IG", "II", "IK", "IO", "IS", "IT", "IU", "JA", "JV",
    "KA", "KG", "KI", "KJ", "KK", "KL", "KM", "KN", "KO", "KR", "KS", "KU", "KV", "KW", "KY", "LA", "LB", "LG", "LI",
    "LN", "LO", "LT", "LU", "LV", "MG", "MH", "MI", "MK", "ML", "MN", "MR", "MS", "MT", "MY", "NA", "NB", "ND", "NE",
    "NG", "NL", "NN", "NO", "NR", "NV", "NY", "OC", "OJ", "OM", "OR", "OS", "PA", "PI", "PL", "PS", "PT", "QU", "RM",
    "RN", "RO", "RU", "RW", "SA", "SC", "SD", "SE", "SG", "SI", "SK", "SL", "SM", "SN", "SO", "SQ", "SR", "SS", "ST",
    "SU", "SV", "SW", "TA", "TE", "TG", "TH", "TI", "TK", "TL", "TN", "TO", "TR", "TS", "TT", "TW", "TY", "UG", "UK",
    "UR", "UZ", "VE", "VI", "VO", "WA", "WO", "XH", "YI", "YO", "ZA", "ZH", "ZU",
)
"""ISO 639-1, as the database lists it."""

RENAMED: Mapping[str, str] = MappingProxyType({
    "STATEMENT_CATEGORY_UNSAFE_AND_ILLEGAL_PRODUCTS": "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "KEYWORD_ONLINE_BULLYING_INTIMIDATION": "KEYWORD_CYBER_BULLYING_INTIMIDATION",
    "KEYWORD_INSUFFICIENT_INFORMATION_TRADERS": "KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS",
    "KEYWORD_DISINFORMATION": "KEYWORD_MISINFORMATION_DISINFORMATION",
    "KEYWORD_NON_CONSENSUAL_ITEMS_DEEPFAKE": "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
})
"""Codes of version 1 that have another name in version 2."""

REMOVED = (
    "STATEMENT_CATEGORY_NON_CONSENSUAL_BEHAVIOUR", "STATEMENT_CATEGORY_PORNOGRAPHY_OR_SEXUALIZED_CONTENT",
    "KEYWORD_MISINFORMATION", "KEYWORD_FOREIGN_INFORMATION_MANIPULATION", "KEYWORD_REGULATED_GOODS_SERVICES",
    "KEYWORD_DANGEROUS_TOYS", "KEYWORD_GENDER_BASED_VIOLENCE", "KEYWORD_IMAGE_BASED_SEXUAL_ABUSE",
)
"""Codes of version 1 that have no successor."""

SUCCESSORS: Mapping[str, str] = MappingProxyType({**RENAMED, **{code: EXTENSION + code for code in REMOVED}})
"""What each code that only version 1 had is in version 2."""
