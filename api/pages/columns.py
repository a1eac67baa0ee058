"""The lists of the API as tables: their groups, their columns, and what tells the items of one subject apart."""

from collections.abc import Mapping

from msgspec import Struct


class Listed(Struct, frozen=True, kw_only=True):
    """How a list is shown: the members that are columns, after log and subject.

    `identity` are the members by which an item is found again at another date of knowledge; one subject may have
    several items. A `derived` list is worked out when it is asked for: to count it is as much work as to read it all.
    What is said of the `whole` of a log has no page that could be had before all of it is read.
    """

    columns: tuple[str, ...]
    identity: tuple[str, ...] = ()
    derived: bool = False
    whole: bool = False


LISTED: Mapping[str, Listed] = {
    "listings": Listed(
        columns=(
            "visible", "hidden_by", "seller_id", "cluster", "ship_from_country", "goods_origin_country",
            "destination_countries", "lifecycle",
        )
    ),
    "restrictions": Listed(
        columns=(
            "kind", "in_force", "imposed_from", "ended_at", "instruments", "decision_ground", "territorial_scope",
            "imposed_by", "restriction_id",
        ),
        identity=("restriction_id",),
    ),
    "takedowns": Listed(
        columns=(
            "state", "listing_id", "received_at", "decided_at", "reversed_at", "notifier_party_id",
            "notifier_size_class", "notifier_tier", "regime", "item_no",
        ),
        identity=("item_no", "variant_no", "listing_id"),
    ),
    "notifiers": Listed(
        columns=("notices", "open", "actioned", "declined", "reversed", "tier_held", "tier_due", "mismatch"),
        derived=True,
        whole=True,
    ),
    "ip-rights": Listed(columns=("status", "type", "number", "owner_party_id", "territories", "valid_to")),
    "sellers": Listed(
        columns=(
            "status", "verification", "entity_class", "country", "document_type", "valid_to", "points", "strikes",
            "party_id",
        )
    ),
    "parties": Listed(columns=("kind", "country", "size_class", "registered_at", "links")),
    "recidivism": Listed(
        columns=("account", "infringements", "sanctions", "re_entries", "repeat_infringer", "recidivist"),
        derived=True,
        whole=True,
    ),
    "services": Listed(
        columns=("service", "feature", "country", "status", "suspended", "since", "cause"),
        identity=("service", "feature", "country"),
    ),
    "policies": Listed(
        columns=("title", "status", "kind", "announced_at", "rules_in_force", "enforced", "repealed_at")
    ),
    "breaches": Listed(
        columns=("status", "policy", "rule", "from", "to", "listing_days", "seller", "cluster", "missing"),
        identity=("policy", "rule"),
        derived=True,
    ),
    "authority-orders": Listed(
        columns=("authority", "kind", "state", "addressee_platform_id", "issued_at", "step", "extent")
    ),
    "information-requests": Listed(
        columns=("authority", "status", "addressee", "requested_at", "due", "items", "request_event_id"),
        identity=("request_event_id",),
    ),
    "investigations": Listed(columns=("state", "kind", "trigger", "opened_at", "closed_at", "result")),
    "programmes": Listed(columns=("name", "state", "owner", "started_at", "participants", "countries")),
    "disputes": Listed(
        columns=(
            "state", "outcome", "claimant_country", "respondent_country", "issue", "filed_at", "outcome_at", "method",
        )
    ),
    "referrals": Listed(
        columns=("to", "agreement", "agreement_basis", "state", "referred_at", "referred_by"),
        identity=("referred_by",),
        derived=True,
    ),
    "appeals": Listed(columns=("state", "result", "filed_at", "decided_at", "target_event_id", "appellant_seller_id")),
    "claims": Listed(
        columns=("statement", "verdict", "state", "speaker_party_id", "published_at", "value", "reference_time")
    ),
    "deadlines": Listed(
        columns=("rule", "status", "trigger", "triggered_at", "due", "met_at", "lag"),
        identity=("rule", "trigger", "key"),
        derived=True,
    ),
    "flags": Listed(
        columns=("flag", "severity", "status", "detail", "event", "at", "owner"),
        identity=("flag", "rule", "event", "about"),
        derived=True,
    ),
    "corrections": Listed(
        columns=("kind", "target", "target_type", "reason", "before", "after", "recordedtime", "id"),
        identity=("id",),
        derived=True,
    ),
    "completeness": Listed(
        columns=("kind", "status", "platform", "period_start", "period_end", "missing", "notice"),
        identity=("kind", "period_start", "source", "notice", "from"),
        derived=True,
        whole=True,
    ),
    "bodies": Listed(columns=("name", "state", "kind", "announced_at", "established_at", "parent_body_id")),
    "meetings": Listed(
        columns=("meeting", "meeting_no", "state", "date", "start_date", "mode", "attendee_count", "held_by"),
        identity=("meeting", "meeting_no"),
    ),
    "memberships": Listed(columns=("body_id", "party_id", "tier", "status", "admitted_at", "ended_at", "size_class")),
    "agreements": Listed(
        columns=("parties", "status", "kind", "countries", "signed_at", "in_force_at", "negotiation_at")
    ),
}  # fmt: skip
"""Every list of the API (contract section 2)."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "blocked": ("listings", "restrictions"),
    "sellers": ("sellers", "parties", "recidivism", "services"),
    "rules": ("policies", "breaches", "authority-orders", "information-requests", "investigations"),
    "takedowns": ("takedowns", "notifiers", "ip-rights"),
    "disputes": ("disputes", "referrals", "appeals"),
    "claims": ("claims",),
    "duties": ("deadlines", "flags", "corrections", "completeness"),
    "bodies": ("bodies", "meetings", "memberships", "agreements", "programmes"),
}
"""The lists as somebody looks for them who has never seen the ledger: by what each group answers."""
