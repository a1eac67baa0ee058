"""The filters of a list as fields of a form: boxes to choose from for codes, fields to write in for the rest."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, get_args

from msgspec import Struct

from ledger.domain import agreement, body, claim, dispute, investigation, ip_right, membership, policy, takedown
from ledger.domain import verification as verifications
from ledger.domain.codes import DisputeOutcome, EntityClass, FeatureStatus, SizeClass
from ledger.domain.codes_party import AppealResult, MeetingMode, PartyKind
from ledger.domain.codes_public import InvestigationKind
from ledger.domain.order import OrderState, RequestStatus
from projections import rule_spans
from projections.deadlines import deadline
from projections.derivations import DERIVATIONS
from projections.flags.rule import Owner, Severity
from projections.flags.table import RULES
from projections.list_statements import COMMON_FILTERS
from projections.lists import LISTS

Codes: TypeAlias = tuple[str, ...]
Given: TypeAlias = Mapping[str, Sequence[str]]
TRUTHS: Codes = ("true", "false")
"""How a filter is written that is yes or no."""
CODES: Mapping[str, Codes] = {
    "restrictions.kind": ("BLOCKED", "RESTRICTED", "SUSPENDED", "PAYMENTS_RESTRICTED", "BANNED"),
    "restrictions.ground": ("DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
    "sellers.status": ("ACTIVE", "SUSPENDED", "BANNED", "CLOSED"),
    "sellers.verification": ("UNVERIFIED", *get_args(verifications.Status)),
    "sellers.entity_class": get_args(EntityClass),
    "takedowns.state": get_args(takedown.ItemState),
    "takedowns.size_class": get_args(SizeClass),
    "notifiers.size_class": get_args(SizeClass),
    "notifiers.mismatch": TRUTHS,
    "parties.size_class": get_args(SizeClass),
    "parties.kind": get_args(PartyKind),
    "disputes.state": get_args(dispute.DisputeState),
    "disputes.outcome": get_args(DisputeOutcome),
    "referrals.agreement_basis": ("IN_FORCE", "NOT_IN_FORCE", "UNDETERMINED"),
    "services.status": get_args(FeatureStatus),
    "appeals.state": ("FILED", "DECIDED", "WITHDRAWN"),
    "appeals.result": get_args(AppealResult),
    "policies.status": get_args(policy.Status),
    "agreements.status": get_args(agreement.Status),
    "memberships.status": get_args(membership.Status),
    "bodies.status": get_args(body.BodyState),
    "meetings.state": ("SCHEDULED", "HELD"),
    "meetings.mode": get_args(MeetingMode),
    "programmes.state": ("ANNOUNCED", "STARTED", "ENDED"),
    "ip-rights.status": get_args(ip_right.Status),
    "authority-orders.state": get_args(OrderState),
    "information-requests.status": get_args(RequestStatus),
    "investigations.state": get_args(investigation.InvestigationState),
    "investigations.kind": get_args(InvestigationKind),
    "claims.state": get_args(claim.ClaimState),
    "breaches.status": get_args(rule_spans.Status),
    "breaches.ended": TRUTHS,
    "deadlines.status": get_args(deadline.Status),
    "flags.flag": tuple(sorted({rule.flag for rule in RULES})),
    "flags.status": ("OPEN", "UNDETERMINED", "RESOLVED"),
    "flags.severity": get_args(Severity),
    "flags.owner": get_args(Owner),
    "corrections.kind": ("CORRECTION", "VOID"),
    "completeness.status": ("COMPLETE", "INCOMPLETE", "PENDING", "UNDETERMINED"),
    **dict.fromkeys(("recidivism.repeat_infringer", "recidivism.sanctioned"), TRUTHS),
    **dict.fromkeys(("recidivism.recidivist", "recidivism.re_entered"), TRUTHS),
}
"""The closed lists of codes by list and filter (contract section 2); a filter that is not here is written in."""
USUAL: Mapping[str, Codes] = {
    f"{derivation.name}.{name}": values for derivation in DERIVATIONS for name, values in derivation.defaults.items()
}


class Field(Struct, frozen=True, kw_only=True):
    """A field of the form: its name, the codes to choose from (none: it is written in), and what the page was given.

    It stands once for each value given. `usual` is what the list takes where nothing is; empty: whatever it is.
    """

    name: str
    codes: Codes
    values: Codes
    usual: Codes = ()


def fields_of(listed: str, given: Given) -> list[Field]:
    """Return the fields of a list: its own filters, then what every list is narrowed by."""
    own = [*_stored(listed, given)] if listed in LISTS else [*_derived(listed, given)]
    return [*own, *(_field(name, (), given) for name in (*COMMON_FILTERS, "log"))]


def _stored(listed: str, given: Given) -> list[Field]:
    fields: list[Field] = []
    for one in LISTS[listed].filters:
        codes = TRUTHS if one.kind == "truth" else CODES.get(f"{listed}.{one.name}", ())
        usual = () if one.default is None else ("true" if one.default else "false",)
        fields.append(_field(one.name, codes, given, usual))
    return fields


def _derived(listed: str, given: Given) -> list[Field]:
    (derivation,) = (one for one in DERIVATIONS if one.name == listed)
    names = [f"{listed}.{name}" for name in derivation.filters]
    return [_field(name.partition(".")[2], CODES.get(name, ()), given, USUAL.get(name, ())) for name in names]


def _field(name: str, codes: Codes, given: Given, usual: Codes = ()) -> Field:
    values = tuple(given.get(name, ())) or ("",)
    return Field(name=name, codes=codes, values=values, usual=usual)
