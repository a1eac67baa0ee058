"""Code lists as types.

A closed list is a `Literal`. An open one takes its known codes and extensions that begin with `X_`. Codes of the DSA
Transparency Database are used where they exist, since platforms produce them already; domain.md section 5 has the
sources of all others.
"""

# One code a line would be a thousand lines that say no more.
# fmt: off

from typing import Annotated, Literal

from msgspec import Meta

EXTENSION_PATTERN = "X_[A-Z0-9_]{1,100}"


def open_codes(*codes: str) -> Meta:
    """Return the constraint of an open list: one of `codes`, or an extension beginning with `X_`."""
    return Meta(pattern=f"^(?:{'|'.join(codes)}|{EXTENSION_PATTERN})$(?!\n)", max_length=110)


CountryCode = Literal[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "YE", "YT", "ZA",
    "ZM", "ZW", "AN", "BU", "CS", "DD", "FX", "NT", "SU", "TP", "YD", "YU", "ZR",
]
"""ISO 3166-1 alpha-2, with the codes that history still needs after they were abolished."""

Territory = CountryCode | Literal["WORLD"]
"""A country, or everywhere."""

CurrencyCode = Literal[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
    "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CLF",
    "CLP", "CNY", "COP", "COU", "CRC", "CUC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB",
    "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HRK", "HTG", "HUF",
    "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD",
    "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU",
    "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN",
    "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
    "SHP", "SLE", "SLL", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY",
    "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST",
    "XAF", "XCD", "XDR", "XOF", "XPF", "XSU", "XUA", "YER", "ZAR", "ZMW", "ZWL",
]
"""ISO 4217, with those since withdrawn."""

DecisionVisibility = Annotated[
    str,
    open_codes(
        "DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED",
        "DECISION_VISIBILITY_CONTENT_DEMOTED", "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
        "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED", "DECISION_VISIBILITY_CONTENT_LABELLED",
        "DECISION_VISIBILITY_OTHER",
    ),
]
"""What a restriction does to what is seen."""

DecisionMonetary = Annotated[
    str,
    open_codes(
        "DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION", "DECISION_MONETARY_OTHER",
    ),
]
"""What a restriction does to payments."""

DecisionProvision = Annotated[
    str,
    open_codes(
        "DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_TOTAL_SUSPENSION",
        "DECISION_PROVISION_PARTIAL_TERMINATION", "DECISION_PROVISION_TOTAL_TERMINATION",
    ),
]
"""What a restriction does to the service."""

DecisionAccount = Annotated[
    str,
    open_codes(
        "DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED",
    ),
]
"""What a restriction does to the account."""

AccountType = Literal[
    "ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE",
]
"""Who holds an account."""

DecisionGround = Annotated[
    str,
    open_codes(
        "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    ),
]
"""Law, or terms."""

SourceType = Annotated[
    str,
    open_codes(
        "SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY",
        "X_SOURCE_GOOD_FAITH", "X_SOURCE_ORDER", "X_SOURCE_CONSUMER_REPORT", "X_SOURCE_RESTOCK_MATCH",
    ),
]
"""What led to a decision."""

AutomatedDecision = Literal[
    "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED",
]
"""How far a machine decided."""

StatementCategory = Annotated[
    str,
    open_codes(
        "STATEMENT_CATEGORY_ANIMAL_WELFARE", "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
        "STATEMENT_CATEGORY_CYBER_VIOLENCE", "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
        "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "STATEMENT_CATEGORY_PROTECTION_OF_MINORS", "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "STATEMENT_CATEGORY_SELF_HARM",
        "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", "STATEMENT_CATEGORY_VIOLENCE",
    ),
]
"""What a decision is about."""

Keyword = Annotated[
    str,
    open_codes(
        "KEYWORD_ADULT_SEXUAL_MATERIAL", "KEYWORD_AGE_SPECIFIC_RESTRICTIONS",
        "KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS", "KEYWORD_ANIMAL_HARM", "KEYWORD_BIOMETRIC_DATA_BREACH",
        "KEYWORD_BULLYING_AGAINST_GIRLS", "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
        "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE", "KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS",
        "KEYWORD_COORDINATED_HARM", "KEYWORD_COPYRIGHT_INFRINGEMENT", "KEYWORD_CYBER_BULLYING_INTIMIDATION",
        "KEYWORD_CYBER_HARASSMENT", "KEYWORD_CYBER_HARASSMENT_AGAINST_WOMEN", "KEYWORD_CYBER_INCITEMENT",
        "KEYWORD_CYBER_STALKING", "KEYWORD_CYBER_STALKING_AGAINST_WOMEN", "KEYWORD_DATA_FALSIFICATION",
        "KEYWORD_DEFAMATION", "KEYWORD_DESIGN_INFRINGEMENT", "KEYWORD_DISCRIMINATION",
        "KEYWORD_FEMALE_GENDERED_DISINFORMATION", "KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
        "KEYWORD_GEOGRAPHICAL_REQUIREMENTS", "KEYWORD_GOODS_SERVICES_NOT_PERMITTED",
        "KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS", "KEYWORD_HATE_SPEECH", "KEYWORD_HIDDEN_ADVERTISEMENT",
        "KEYWORD_HUMAN_EXPLOITATION", "KEYWORD_HUMAN_TRAFFICKING", "KEYWORD_ILLEGAL_ORGANIZATIONS",
        "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING", "KEYWORD_INAUTHENTIC_ACCOUNTS", "KEYWORD_INAUTHENTIC_LISTINGS",
        "KEYWORD_INAUTHENTIC_USER_REVIEWS", "KEYWORD_INCITEMENT_AGAINST_WOMEN", "KEYWORD_INCITEMENT_VIOLENCE_HATRED",
        "KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS", "KEYWORD_LANGUAGE_REQUIREMENTS",
        "KEYWORD_MISINFORMATION_DISINFORMATION", "KEYWORD_MISLEADING_INFO_CONSUMER_RIGHTS",
        "KEYWORD_MISLEADING_INFO_GOODS_SERVICES", "KEYWORD_MISSING_PROCESSING_GROUND",
        "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING", "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
        "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE", "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
        "KEYWORD_NONCOMPLIANCE_PRICING", "KEYWORD_NUDITY", "KEYWORD_PATENT_INFRINGEMENT", "KEYWORD_PHISHING",
        "KEYWORD_PROHIBITED_PRODUCTS", "KEYWORD_PYRAMID_SCHEMES", "KEYWORD_RIGHT_TO_BE_FORGOTTEN",
        "KEYWORD_RISK_ENVIRONMENTAL_DAMAGE", "KEYWORD_RISK_PUBLIC_HEALTH", "KEYWORD_SELF_MUTILATION",
        "KEYWORD_STALKING", "KEYWORD_SUICIDE", "KEYWORD_TERRORIST_CONTENT", "KEYWORD_TRADE_SECRET_INFRINGEMENT",
        "KEYWORD_TRADEMARK_INFRINGEMENT", "KEYWORD_TRAFFICKING_WOMEN_GIRLS", "KEYWORD_UNLAWFUL_SALE_ANIMALS",
        "KEYWORD_UNSAFE_CHALLENGES", "KEYWORD_UNSAFE_PRODUCTS", "KEYWORD_VIOLATION_EU_LAW",
        "KEYWORD_VIOLATION_NATIONAL_LAW", "KEYWORD_OTHER",
    ),
]
"""What a decision is about, closer."""

LegalGround = Literal[
    "ILLEGAL_CONTENT", "TERMS_INCOMPATIBLE", "COURT_ORDER", "ADMIN_ORDER", "CONTRACT", "CONSENT",
    "LEGITIMATE_INTEREST", "VOLUNTARY_PLEDGE",
]
"""The ground on which an instrument is cited."""

RedressKind = Literal[
    "APPEAL", "ODS", "COURT",
]
"""Where a decision can be contested."""

ReversalGround = Annotated[
    str,
    open_codes(
        "COUNTER_NOTICE_UPHELD", "WAITING_PERIOD_ELAPSED", "APPEAL_UPHELD", "ODS_DECISION_IMPLEMENTED",
        "COURT_DECISION", "NOTICE_WITHDRAWN", "PLATFORM_ERROR", "POLICY_REPEALED", "DEFECT_CURED", "LICENCE_SHOWN",
    ),
]
"""Why a measure ended."""

CorrectionReason = Annotated[
    str,
    open_codes(
        "SOURCE_ERROR", "NEW_EVIDENCE", "PRECISION_IMPROVED", "CLERICAL", "WRONG_SUBJECT", "FORGED_DOCUMENT",
        "DUPLICATE", "COURT_FINDING",
    ),
]
"""Why a record was wrong."""

SizeClass = Literal[
    "MICRO", "SMALL", "MEDIUM", "LARGE", "UNKNOWN",
]
"""Size of a firm; an SME is one of the first three."""

EntityClass = Literal[
    "REGISTERED_BUSINESS", "MICRO_ENTREPRENEUR", "FOREIGN_BUSINESS", "INDIVIDUAL", "UNKNOWN",
]
"""What a seller is."""

DocumentType = Annotated[
    str,
    open_codes(
        "NIB", "KTP", "PASSPORT", "NPWP", "COMPANY_REGISTER_EXTRACT", "FOREIGN_LICENCE_LEGALISED", "EID",
        "BANK_ACCOUNT_PROOF", "SELF_CERTIFICATION",
    ),
]
"""What a verification rests on."""

VerificationMethod = Annotated[
    str,
    open_codes(
        "DOCUMENT_UPLOAD", "REGISTRY_LOOKUP_OSS", "REGISTRY_LOOKUP_DUKCAPIL", "VIDEO", "EID", "BANK_MICRODEPOSIT",
        "THIRD_PARTY", "NONE",
    ),
]
"""How a verification was done."""

VerificationCheck = Annotated[
    str,
    open_codes(
        "NAME_MATCH", "REGISTRY_FOUND", "LIVENESS", "ADDRESS", "BANK",
    ),
]
"""What a verification compared."""

StoreKind = Literal[
    "MALL", "MARKETPLACE", "CROSS_BORDER",
]
"""The part of a platform a shop is in."""

IpRightType = Annotated[
    str,
    open_codes(
        "TRADEMARK", "COPYRIGHT", "DESIGN", "PATENT", "UTILITY_MODEL", "GEOGRAPHICAL_INDICATION", "TRADE_SECRET",
    ),
]
"""Kinds of intellectual property."""

NoticeChannel = Annotated[
    str,
    open_codes(
        "WEB_FORM", "IPP_ACCOUNT", "EMAIL", "API", "TRUSTED_FLAGGER", "ORDER",
    ),
]
"""How a notice came in."""

NotifierTier = Annotated[
    str,
    open_codes(
        "STANDARD", "GOOD_FAITH", "TRUSTED_FLAGGER", "ALLIANCE",
    ),
]
"""Standing of who gives notice."""

Regime = Annotated[
    str,
    open_codes(
        "US_DMCA", "EU_DSA", "CN_ECL", "ID_GENERIC", "PLATFORM",
    ),
]
"""The procedure a takedown follows."""

NoticePriority = Annotated[
    str,
    open_codes(
        "COUNTERFEIT", "SAFETY", "OTHER",
    ),
]
"""Why a notice goes first."""

NoticeReason = Annotated[
    str,
    open_codes(
        "MISSING_IDENTIFICATION", "MISSING_LOCATION", "MISSING_GOOD_FAITH_STATEMENT", "MISSING_SIGNATURE",
        "MISSING_AUTHORITY", "RIGHT_NOT_VALIDATED", "RIGHT_EXPIRED", "TERRITORY_MISMATCH", "DUPLICATE",
        "NOT_INFRINGING", "AUTHORISED_SELLER", "EXHAUSTION_PARALLEL_IMPORT", "ABUSIVE",
    ),
]
"""Why a notice is returned, rejected or declined, and why it is countered."""

TakedownMeasure = Literal[
    "REMOVED", "DISABLED", "DEMOTED", "ACCOUNT",
]
"""What a takedown did."""

LegalForum = Literal[
    "COURT", "ADMIN", "LAW_ENFORCEMENT",
]
"""Where a right holder took the matter."""

AbuseFinding = Literal[
    "UNFOUNDED", "FORGED", "BAD_FAITH",
]
"""What was wrong with an abusive notice."""

DisputeIssue = Annotated[
    str,
    open_codes(
        "NON_DELIVERY", "LATE_DELIVERY", "DEFECTIVE", "NOT_AS_DESCRIBED", "COUNTERFEIT", "REFUND_REFUSED",
        "CANCELLATION", "OVERCHARGE", "UNAUTHORISED_PAYMENT", "DATA_MISUSE", "PLATFORM_DECISION", "OTHER",
    ),
]
"""What a dispute is about."""

DisputeMethod = Annotated[
    str,
    open_codes(
        "FACILITATIVE", "ADVISORY", "DETERMINATIVE", "NEGOTIATION", "MEDIATION", "CONCILIATION", "ARBITRATION",
        "RECOMMENDATION", "ADJUDICATION",
    ),
]
"""ISO 10003 families, and the concrete methods."""

DisputeOutcome = Literal[
    "SETTLED", "DECIDED_FOR_CLAIMANT", "DECIDED_FOR_RESPONDENT", "DECIDED_PARTIAL", "DISMISSED", "INADMISSIBLE",
    "WITHDRAWN", "NO_RESOLUTION", "REFERRED_OUT",
]
"""How a dispute ended."""

Remedy = Annotated[
    str,
    open_codes(
        "REFUND", "REPLACEMENT", "REPAIR", "PRICE_REDUCTION", "COMPENSATION", "APOLOGY", "REINSTATEMENT", "REMOVAL",
        "NONE",
    ),
]
"""What is asked for, or awarded."""

ClaimantKind = Literal[
    "CONSUMER", "BUSINESS", "SELLER",
]
"""Who brings a dispute."""

AssistancePurpose = Annotated[
    str,
    open_codes(
        "TRIAGE", "TRANSLATION", "SIMILAR_CASES", "PROPOSAL", "DRAFT",
    ),
]
"""What a machine helped with."""

ComplianceStatus = Literal[
    "COMPLIED", "PARTIAL", "NOT_COMPLIED",
]
"""What came of an outcome."""

BusinessModel = Annotated[
    str,
    open_codes(
        "MARKETPLACE", "SOCIAL_COMMERCE", "ONLINE_RETAIL", "CLASSIFIEDS", "PRICE_COMPARISON", "DAILY_DEALS",
    ),
]
"""Models of trade through electronic systems (MoTR 31/2023)."""

LicenceKind = Annotated[
    str,
    open_codes(
        "PSE", "PPMSE", "KP3A_REP", "OTHER",
    ),
]
"""Licences of a platform."""

FeatureStatus = Literal[
    "ACTIVE", "PILOT", "NOT_OFFERED", "WITHDRAWN",
]
"""Whether a feature is offered."""

SuspensionCause = Literal[
    "VOLUNTARY", "ORDER", "LICENCE",
]
"""Why a service stopped."""

ConformityMark = Annotated[
    str,
    open_codes(
        "SNI", "HALAL", "BPOM", "CE",
    ),
]
"""Marks of conformity."""

PriceBasis = Literal[
    "FOB", "CIF", "DDP",
]
"""What a price includes."""
