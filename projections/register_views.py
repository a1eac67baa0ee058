"""More views, of the pattern of `views.py`: appeals, policies, agreements, members, bodies, orders, claims and others.

A stream that is known only by what it does, and not by how it began, has a row whose status is null; one of which
nothing is known has none.
"""

import msgspec

from ledger.domain import (
    agreement,
    appeal,
    body,
    claim,
    investigation,
    ip_right,
    membership,
    party,
    platform,
    policy,
    programme,
)
from ledger.domain.agreement import Agreement
from ledger.domain.appeal import Appeal
from ledger.domain.body import Body
from ledger.domain.claim import Claim
from ledger.domain.investigation import Investigation
from ledger.domain.ip_right import IpRight
from ledger.domain.membership import Membership
from ledger.domain.order import Order
from ledger.domain.party import Party
from ledger.domain.platform import Platform
from ledger.domain.policy import Policy
from ledger.domain.programme import Programme
from ledger.domain.stream import State
from projections.rectangle import Item, Row, Rows, View

WHOLE = ""
"""Key of a view that has one row for each stream."""


def _whole(state: State, before: State, item: Item, *columns: object) -> Rows:
    """Return the one row of a stream; none while its events have said nothing that is in its state."""
    if msgspec.structs.replace(state, version=before.version) == before:
        return {}
    return {WHOLE: (*columns, item)}


def _texts(values: list[str] | tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def appeal_rows(state: Appeal, item: Item) -> Rows:
    """One row: where an appeal stands, and what came of it."""
    return _whole(state, appeal.begin(state.id), item, state.state, state.result, state.platform)


def policy_rows(state: Policy, item: Item) -> Rows:
    """One row: what a policy is, and which of its rules are in force."""
    return _whole(state, policy.begin(state.id), item, item["status"], state.kind)


def agreement_rows(state: Agreement, item: Item) -> Rows:
    """One row: what an agreement is, and between whom."""
    columns = (item["status"], state.kind, _texts(state.parties), _texts(state.countries))
    return _whole(state, agreement.begin(state.id), item, *columns)


def membership_rows(state: Membership, item: Item) -> Rows:
    """One row: what a membership is. One whose events name no body is of the body in its subject."""
    columns = (state.body_id or f"body:{state.body}", state.party_id, state.tier, state.status)
    return _whole(state, membership.begin(state.id), item, *columns)


def body_rows(state: Body, item: Item) -> Rows:
    """One row: what a body is, and how often it met."""
    return _whole(state, body.begin(state.id), item, state.kind, state.state)


def meeting_rows(state: Body, whole: Item) -> Rows:
    """One row for each meeting of a body that was held, or is scheduled and was not held under its name yet.

    A meeting that was held says also when it was to be.
    """
    of_body = {"body_kind": state.kind, "body_name": state.name}
    scheduled = {planned["meeting"]: planned for planned in whole["scheduled"]}
    held = {f"{one['held_at']}|{one['held_by']}": one for one in whole["meetings"]}
    rows: dict[str, Row] = {}
    for key, one in held.items():
        item = {**of_body, **scheduled.get(one.get("meeting"), {}), **one, "state": "HELD"}
        columns = ("HELD", one.get("mode"), _texts(one.get("industries")), _texts(one.get("attendee_party_ids")))
        rows[key] = (*columns, item)
    for name in scheduled.keys() - {one.get("meeting") for one in held.values()}:
        item = {**of_body, **scheduled[name], "state": "SCHEDULED"}
        rows[f"{item['start_date']}|{name}"] = ("SCHEDULED", None, None, None, item)
    return rows


def programme_rows(state: Programme, item: Item) -> Rows:
    """One row: whose a programme is, and what came of it."""
    return _whole(state, programme.begin(state.id), item, state.owner, state.state)


def party_rows(state: Party, item: Item) -> Rows:
    """One row: who a party is, its size and its links."""
    return _whole(state, party.begin(state.id), item, state.kind, state.country, item["size_class"])


def ip_right_rows(state: IpRight, item: Item) -> Rows:
    """One row: whose a right is, and whether it holds."""
    columns = (item["status"], state.type, state.owner_party_id, _texts(state.territories))
    return _whole(state, ip_right.begin(state.id), item, *columns)


def feature_rows(_: Platform, whole: Item) -> Rows:
    """One row for each feature and country of a platform."""
    return {
        platform.service_key(item["feature"], item["country"]): (
            item["feature"],
            item["country"],
            item["status"],
            item,
        )
        for item in whole["features"]
    }


def authority_order_rows(state: Order, item: Item) -> Rows:
    """One row: where an order stands, and the sanctions; none while its stream only asks for information."""
    if state.state is None and not state.sanctions:
        return {}
    return {WHOLE: (item["authority"], state.kind, state.state, state.addressee_platform_id, item)}


def information_request_rows(state: Order, whole: Item) -> Rows:
    """One row for each request for information, with the authority and whom its order is addressed to."""
    of_order = {"authority": whole["authority"], "addressee_platform_id": state.addressee_platform_id}
    return {
        request["request_event_id"]: (
            whole["authority"],
            request["status"],
            request.get("addressee"),
            {**of_order, **request},
        )
        for request in whole["requests"]
    }


def investigation_rows(state: Investigation, item: Item) -> Rows:
    """One row: where an investigation stands, and what came of it."""
    return _whole(state, investigation.begin(state.id), item, state.state, state.kind)


def claim_rows(state: Claim, item: Item) -> Rows:
    """One row: who says what, and what came of asking."""
    return _whole(state, claim.begin(state.id), item, state.speaker_party_id, state.state)


REGISTER_VIEWS = (
    View(name="appeal", kinds=("appeal",), columns=("state", "result", "platform", "item"), rows=appeal_rows),
    View(name="policy", kinds=("policy",), columns=("status", "kind", "item"), rows=policy_rows),
    View(
        name="agreement",
        kinds=("agreement",),
        columns=("status", "kind", "parties", "countries", "item"),
        rows=agreement_rows,
    ),
    View(
        name="membership",
        kinds=("membership",),
        columns=("body", "party", "tier", "status", "item"),
        rows=membership_rows,
    ),
    View(name="body", kinds=("body",), columns=("kind", "status", "item"), rows=body_rows),
    View(
        name="meeting",
        kinds=("body",),
        columns=("state", "mode", "industries", "parties", "item"),
        rows=meeting_rows,
    ),
    View(name="programme", kinds=("programme",), columns=("owner", "state", "item"), rows=programme_rows),
    View(name="party", kinds=("party",), columns=("kind", "country", "size_class", "item"), rows=party_rows),
    View(
        name="ip_right",
        kinds=("ip_right",),
        columns=("status", "type", "owner", "territories", "item"),
        rows=ip_right_rows,
    ),
    View(name="feature", kinds=("platform",), columns=("feature", "country", "status", "item"), rows=feature_rows),
    View(
        name="authority_order",
        kinds=("order",),
        columns=("authority", "kind", "state", "addressee", "item"),
        rows=authority_order_rows,
    ),
    View(
        name="information_request",
        kinds=("order",),
        columns=("authority", "status", "addressee", "item"),
        rows=information_request_rows,
    ),
    View(name="investigation", kinds=("investigation",), columns=("state", "kind", "item"), rows=investigation_rows),
    View(name="claim", kinds=("claim",), columns=("speaker", "state", "item"), rows=claim_rows),
)
