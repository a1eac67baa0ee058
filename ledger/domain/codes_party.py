"""Code lists of parties and of what they have and do together: rights, memberships, bodies, agreements, appeals.

Which lists are open, and the sources of all, are told in `codes`.
"""

# One code a line would be a thousand lines that say no more.
# fmt: off

from typing import Annotated, Literal

from ledger.domain.codes import open_codes

PartyKind = Literal[
    "LEGAL", "NATURAL", "AUTHORITY", "ASSOCIATION", "INTERNATIONAL_ORG",
]
"""What a party is; the name of a NATURAL one is personal."""

IdentifierScheme = Annotated[
    str,
    open_codes(
        "NIB", "NPWP", "NIK_TOKEN", "LEI", "COMPANY_NO", "VAT",
    ),
]
"""Registers that number parties."""

SizeBasis = Annotated[
    str,
    open_codes(
        "EU_2003_361", "ID_PP_7_2021", "ID_UU_20_2008", "SELF_DECLARED",
    ),
]
"""By what a firm's size is told."""

PartyRelation = Annotated[
    str,
    open_codes(
        "SAME_OPERATOR", "OWNS", "CONTROLS", "SHARES_ID", "SHARES_BANK", "SHARES_DEVICE",
    ),
]
"""How two parties hang together."""

LapseGround = Annotated[
    str,
    open_codes(
        "EXPIRED", "INVALIDATED", "SURRENDERED",
    ),
]
"""Why a right is no more."""

Industry = Annotated[
    str,
    open_codes(
        "ACCESSORIES", "ALCOHOL_TOBACCO", "APPAREL", "HOME", "INDUSTRIAL_PRODUCTS", "PERSONAL_CARE", "PHARMACEUTICALS",
        "PUBLISHING", "SMART_DEVICES", "TOYS", "AUTO", "CONSUMER_ELECTRONICS",
    ),
]
"""Industries of right holders."""

MembershipEndReason = Annotated[
    str,
    open_codes(
        "LEFT", "REMOVED_THRESHOLD", "EXPELLED", "LAPSED",
    ),
]
"""Why a membership ended."""

BodyKind = Annotated[
    str,
    open_codes(
        "ALLIANCE", "COMMITTEE", "WORKING_GROUP", "TASK_FORCE", "COMMUNITY", "AGENCY_NETWORK",
    ),
]
"""Kinds of bodies."""

MeetingMode = Literal[
    "IN_PERSON", "VIDEO", "HYBRID",
]
"""How a meeting is held."""

ProgrammeActivity = Annotated[
    str,
    open_codes(
        "SUMMIT", "TRAINING", "SEMINAR", "MENTORING", "LABEL_LAUNCH", "STUDY",
    ),
]
"""What a programme does."""

AgreementKind = Annotated[
    str,
    open_codes(
        "MOU", "TREATY", "CONTRACT", "PLEDGE",
    ),
]
"""Kinds of agreements."""

AgreementScope = Annotated[
    str,
    open_codes(
        "CROSS_BORDER_DISPUTE_REFERRAL", "DATA_SHARING", "TRAINING", "ENFORCEMENT",
    ),
]
"""What an agreement covers."""

SigningMode = Literal[
    "VIRTUAL", "IN_PERSON",
]
"""How an agreement was signed."""

CooperationActivity = Annotated[
    str,
    open_codes(
        "STUDY_VISIT", "SEMINAR", "TRAINING",
    ),
]
"""What parties of an agreement do together."""

AppealResult = Literal[
    "UPHELD_DECISION", "OVERTURNED", "PARTIAL",
]
"""What came of an appeal."""
