"""Every type of event of `domain.md` section 7 is appended, and shows in the views of its kind of stream.

The examples are those that the schemas show; test_schemas judges that each alone is accepted, test_hard_rules what
is refused. What an event shows is what its lists say with it and did not say without: its version aside.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from api.examples import Example, read_examples
from ledger.domain.catalogue import EVENTS, STREAMS, kind_of
from tests.api.desk import NDJSON, OPEN, Desk, Json

SHOWN = read_examples()
ANSWER = {**SHOWN["InformationProvided"], "subject": SHOWN["InformationRequested"]["subject"]}
"""The answer of the examples, in the stream of the question whose id it names."""
EXAMPLES: Mapping[str, Example] = {**SHOWN, "InformationProvided": ANSWER}
LATER = "2999-01-01T00:00:00Z"
LISTS: Mapping[str, Sequence[str]] = {
    "listing": ("listings", "restrictions"),
    "seller": ("sellers", "restrictions"),
    "takedown_case": ("takedowns",),
    "dispute": ("disputes", "referrals"),
    "platform": ("services", "completeness"),
    "party": ("parties",),
    "ip_right": ("ip-rights",),
    "membership": ("memberships",),
    "body": ("bodies", "meetings"),
    "programme": ("programmes",),
    "appeal": ("appeals",),
    "agreement": ("agreements",),
    "policy": ("policies",),
    "order": ("authority-orders", "information-requests"),
    "investigation": ("investigations",),
    "claim": ("claims",),
}
"""The lists in which the streams of a kind are, or parts of them. Streams of other kinds are shown by /v1/subject."""
BY_SUBJECT = {"PlatformRegistered", "PlatformLicenceRecorded", "PlatformRepresentativeAppointed"}
"""What is said of a platform as a whole, of which there is no list."""
FIRST: Mapping[str, Sequence[str]] = {
    "AutomatedAssistanceUsed": ("DisputeFiled",),
    "NeutralAppointed": ("DisputeFiled",),
    "NeutralChallenged": ("DisputeFiled",),
    "NeutralReplaced": ("DisputeFiled",),
    "OutcomeSetAside": ("DisputeFiled", "DisputeOutcomeRecorded"),
    "SettlementProposed": ("DisputeFiled",),
    "BrandDissociated": ("BrandAssociated",),
    "DeadlineExtended": ("NoticeReceived",),
    "LegalActionNotified": ("NoticeReceived", "TakedownActioned"),
    "NoticeFoundAbusive": ("NoticeReceived",),
    "TakedownCaseClosed": ("NoticeReceived", "TakedownActioned"),
    "PartiesUnlinked": ("PartiesLinked",),
    "SanctionLifted": ("SanctionImposed",),
}
"""What must have happened in the same stream, for an event to change what is listed."""
SHARED = ("brand_id", "item_no", "party_a", "party_b", "relation", "step", "ladder")
"""Members by which an event names what another began."""


def before(example: Example, earlier: str) -> Example:
    """Return an event of the earlier type, about what the example is about."""
    model = EXAMPLES[earlier]
    named = {name: example["data"][name] for name in SHARED if name in example["data"] and name in model["data"]}
    return {
        **model,
        "id": f"{earlier}-before-{example['type']}",
        "subject": example["subject"],
        "data": {**model["data"], **named},
    }


def told() -> list[Example]:
    """Return the examples, each after what must have happened before it, and the answer after its question."""
    ordered = sorted(EXAMPLES.values(), key=lambda example: example is ANSWER)
    return [one for example in ordered for one in (*_first(example), example)]


def _first(example: Example) -> list[Example]:
    return [before(example, earlier) for earlier in FIRST.get(example["type"], ())]


async def listed(desk: Desk, example: Example, size: int) -> list[Json]:
    """Return what is said of an example's stream while the log has so many entries."""
    asked: dict[str, Any] = {"subject": example["subject"], "log": OPEN, "size": f"{OPEN}:{size}", "as_of": LATER}
    kind = kind_of(example["subject"])
    if example["type"] in BY_SUBJECT or kind not in LISTS:
        response = await desk.ask("GET", "/v1/subject", **asked)
        items: list[Json] = response.json().get("items", [])
        return [without_version(item["state"]) for item in items]
    queries = [
        (name, {**asked, **({"in_force": truth} if truth else {})})
        for name in LISTS[kind]
        for truth in (("true", "false") if name == "restrictions" else ("",))
    ]
    return [
        without_version(item)
        for name, query in queries
        for item in (await desk.get(f"/v1/{name}", limit=1000, **query))["items"]
    ]


def without_version(item: Json) -> Json:
    return {name: value for name, value in item.items() if name != "version"}


@pytest.fixture(scope="module")
async def recorded(shared_desk: Desk) -> Mapping[str, int]:
    """Append every example; return the position of each type's own."""
    events = told()
    body = b"\n".join(map(msgspec.json.encode, events))
    response = await shared_desk.post(body, log=OPEN, media=NDJSON)
    assert response.status_code == 201, response.text
    await shared_desk.follow()
    return {one["type"]: position for position, one in enumerate(events) if one is EXAMPLES[one["type"]]}


@pytest.mark.parametrize("event_type", sorted(EXAMPLES))
async def test_an_event_of_every_type_shows_in_the_views_of_its_stream(
    shared_desk: Desk, recorded: Mapping[str, int], event_type: str
) -> None:
    example, position = EXAMPLES[event_type], recorded[event_type]
    without = await listed(shared_desk, example, position)
    assert await listed(shared_desk, example, position + 1) != without


async def test_a_correction_and_a_void_show_in_the_list_of_corrections(
    shared_desk: Desk, recorded: Mapping[str, int]
) -> None:
    items = (await shared_desk.get("/v1/corrections", log=OPEN, as_of=LATER))["items"]
    assert {"EventCorrected", "EventVoided"} <= recorded.keys()
    assert {EXAMPLES[name]["data"]["target_event_id"] for name in ("EventCorrected", "EventVoided")} <= {
        item["target"] for item in items
    }


def test_every_type_has_an_example_and_every_list_is_of_a_kind_of_stream() -> None:
    assert EXAMPLES.keys() == EVENTS.keys()
    assert LISTS.keys() <= STREAMS.keys()
    assert (FIRST.keys() | BY_SUBJECT) <= EVENTS.keys()
