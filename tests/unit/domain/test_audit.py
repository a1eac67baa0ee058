"""The ledger's own streams: data subjects, audits, the ledger itself. All count from the ledger's clock."""

from typing import Any

import msgspec
import pytest

from ledger.domain.audit import Subject, is_held
from tests.unit.domain.build import Story, moment, payload

LATER = "2030-06-01T00:00:00Z"
TIME = "2021-01-01T00:00:00Z"
"""What the client says, which counts for nothing."""
SUBJECT = "subject:c1"
Step = tuple[str, dict[str, Any]]
KEY = {"key": "ledger.example/shop+00000001+AQID"}
KEYS: dict[str, Any] = {**KEY, "origin": "ledger.example/shop", "previous_keys": []}
REOPENED: dict[str, Any] = {"previous_origin": "a/b", "previous_size": 0, "previous_root": "00" * 32, "origin": "a/b/2"}
HELD: Step = ("LegalHoldPlaced", {"scope": "dispute:kca:D1", "authority": "PN Jakarta"})
RELEASED: Step = ("LegalHoldReleased", {})
ASKED: Step = (
    "ErasureRequested",
    {"subject_id": SUBJECT, "request_ref": "REQ-1", "received_at": "2022-02-28T00:00:00Z"},
)
DEFERRED: Step = ("ErasureDeferred", {"until": "2030-03-01", "ground": "STATUTORY_RETENTION", "restricted": True})
ERASED: Step = ("ErasureExecuted", {"key_id": "c1", "basis": "UU-27-2022:43", "backups_expire_on": "2022-04-01"})
ANCHORED: Step = ("CheckpointAnchored", {"tree_size": 7, "root_hash": "ab" * 32, "signature": "sig"})


def told(*steps: Step, subject: str = SUBJECT) -> Story:
    story = Story(subject)
    for event_type, data in steps:
        story.tell(event_type, TIME, **data)
    return story


@pytest.mark.parametrize(
    ("steps", "as_of", "status"),
    [
        ([HELD], LATER, None),
        ([ASKED], LATER, "REQUESTED"),
        ([ASKED, DEFERRED], "2030-03-01T23:59:59Z", "DEFERRED"),
        ([ASKED, DEFERRED], "2030-03-02T00:00:00Z", "DUE"),
        ([ASKED, DEFERRED, ASKED], LATER, "REQUESTED"),
        ([DEFERRED], "2030-02-01T00:00:00Z", "DEFERRED"),
        ([ASKED, ERASED], LATER, "ERASED"),
        ([ERASED], LATER, "ERASED"),
        ([ERASED, ASKED, DEFERRED, ERASED], LATER, "ERASED"),
    ],
)
def test_each_event_leads_where_the_table_says(steps: list[Step], as_of: str, status: str | None) -> None:
    story = told(*steps)

    assert story.described(as_of)["status"] == status
    assert story.breach() is None


def test_a_data_subject_is_described_in_full() -> None:
    assert told(HELD, ASKED, DEFERRED, RELEASED, ERASED).described(LATER) == {
        "id": SUBJECT,
        "version": 5,
        "status": "ERASED",
        "held": False,
        "restricted": False,
        "holds": [
            {
                **HELD[1],
                "placed_by": "e1",
                "placed_at": "2030-01-01T00:00:00.000000Z",
                "released_by": "e4",
                "released_at": "2030-01-01T00:00:03.000000Z",
                "in_force": False,
            }
        ],
        "requests": [
            {
                "requested_by": "e2",
                "recorded_at": "2030-01-01T00:00:01.000000Z",
                "request_ref": "REQ-1",
                "received_at": "2022-02-28T00:00:00Z",
            }
        ],
        "deferrals": [
            {
                **DEFERRED[1],
                "deferred_by": "e3",
                "deferred_at": "2030-01-01T00:00:02.000000Z",
                "over_at": "2030-03-02T00:00:00.000000Z",
            }
        ],
        "erasures": [{**ERASED[1], "executed_by": "e5", "executed_at": "2030-01-01T00:00:04.000000Z"}],
    }


def held(story: Story, as_of: str) -> bool:
    state = story.state(as_of)
    assert isinstance(state, Subject)
    return is_held(state, moment(as_of))


def test_a_hold_is_in_force_until_it_is_released_or_its_day_has_passed() -> None:
    until = told(("LegalHoldPlaced", {"until": "2030-03-01"}))

    assert held(told(HELD), LATER)
    assert not held(told(HELD, RELEASED), LATER)
    assert held(until, "2030-03-01T23:59:59Z")
    assert not held(until, "2030-03-02T00:00:00Z")
    expiries = until.stream.expiries(until.state(LATER))
    assert [instant.isoformat() for instant in expiries] == ["2030-03-02T00:00:00+00:00"]


def test_a_release_that_names_a_scope_leaves_the_other_holds() -> None:
    other: Step = ("LegalHoldPlaced", {"scope": ["listing:x:1", "listing:x:2"]})
    story = told(HELD, other, ("LegalHoldReleased", {"scope": ["listing:x:1", "listing:x:2"]}))

    assert [hold["in_force"] for hold in story.described(LATER)["holds"]] == [True, False]


@pytest.mark.parametrize("steps", [[RELEASED], [HELD, RELEASED, RELEASED], [HELD, ERASED], [HELD, HELD]])
def test_records_in_an_odd_order_are_accepted(steps: list[Step]) -> None:
    story = told(*steps)

    assert story.breach() is None
    assert story.described(LATER)["version"] == len(steps)


def test_what_the_ledger_records_counts_from_its_own_clock() -> None:
    assert told(ASKED).state("2029-12-31T00:00:00Z") is None


def test_an_audit_counts_what_was_read_and_keeps_what_it_found() -> None:
    accessed: Step = ("RecordsAccessed", {"rows": 10, "pii_unmasked": 1, "scope": "disputes", "purpose": "audit"})
    replayed: Step = ("ReplayExecuted", {"manifest": {"as_of": "2021-12-31", "logs": {"bpkn": {"size": 9}}}})
    exported: Step = ("ExportProduced", {"manifest": "0" * 64, "recipients": ["party:bpkn"]})
    found: Step = ("AuditFindingRecorded", {"finding": "late reasons", "severity": "HIGH", "event_ids": ["e9"]})
    story = told(accessed, accessed, ("RecordsAccessed", {}), replayed, exported, found, subject="audit:2022-1")

    assert story.described(LATER) == {
        "id": "audit:2022-1",
        "version": 6,
        "accesses": 3,
        "rows": 20,
        "pii_unmasked": 2,
        "last_access_at": "2030-01-01T00:00:02.000000Z",
        "replays": 1,
        "last_replay_at": "2030-01-01T00:00:03.000000Z",
        "exports": 1,
        "last_export_at": "2030-01-01T00:00:04.000000Z",
        "findings": [{**found[1], "found_by": "e6", "found_at": "2030-01-01T00:00:05.000000Z"}],
    }


def test_a_quiet_audit_has_counts_of_nothing() -> None:
    described = told(("AuditFindingRecorded", {}), subject="audit:2022-2").described(LATER)

    assert (described["accesses"], described["replays"], described["exports"]) == (0, 0, 0)


def test_the_ledger_s_own_stream_keeps_the_last_anchor_and_who_left() -> None:
    external = {"external": {"kind": "RFC3161", "ref": "tsa.example/1"}}
    again: Step = ("CheckpointAnchored", {**ANCHORED[1], **external, "tree_size": 5})
    closed: Step = ("TenantClosed", {"tenant": "eu-odr", "ground": "shutdown", "keys_destroyed": 3})
    story = told(HELD, ANCHORED, again, closed, subject="ledger:checkpoint")

    described = story.described(LATER)
    assert story.breach() is None
    assert (described["checkpoints"], described["held"]) == (2, True)
    assert described["checkpoint"] == {
        **again[1],
        "anchored_by": "e3",
        "anchored_at": "2030-01-01T00:00:02.000000Z",
    }
    assert described["tenants_closed"] == [{**closed[1], "closed_by": "e4", "closed_at": "2030-01-01T00:00:03.000000Z"}]


def test_the_ledger_s_own_stream_keeps_what_a_log_was_reopened_from_and_which_keys_took_over() -> None:
    lost = {"signed_size": 12, "signed_root": "ef" * 32, "reason": "a disk"}
    began = {"origin": "ledger.example/shop/2", "key": "ledger.example/shop/2+00000001+AQID"}
    before = {"previous_origin": "ledger.example/shop", "previous_size": 9, "previous_root": "cd" * 32}
    rotated = {"origin": "ledger.example/shop/2", "key": "ledger.example/shop/2+00000002+AQIE", "overlap": "P30D"}
    rotated_from = {"previous_keys": ["ledger.example/shop/2+00000001+AQID"]}
    reopened: Step = ("LogReopened", {**before, **began, **lost})
    story = told(reopened, ("SigningKeyRotated", {**rotated, **rotated_from}), subject="ledger:shop")

    described = story.described(LATER)
    assert story.breach() is None
    assert described["reopenings"] == [
        {**before, **began, **lost, "reopened_by": "e1", "reopened_at": "2030-01-01T00:00:00.000000Z"}
    ]
    assert described["key_rotations"] == [
        {**rotated, **rotated_from, "rotated_by": "e2", "rotated_at": "2030-01-01T00:00:01.000000Z"}
    ]


@pytest.mark.parametrize("event_type", ["ReplayExecuted", "ExportProduced"])
def test_a_manifest_is_text_or_canonical_json(event_type: str) -> None:
    payload(event_type, manifest={"size": 1}).check()
    payload(event_type, manifest="sha256:0").check()
    with pytest.raises(ValueError, match="/manifest/size: is no integer"):
        payload(event_type, manifest={"size": 1.5}).check()


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("LegalHoldPlaced", {}, {"until": "soon"}),
        ("ErasureRequested", ASKED[1], {"subject_id": SUBJECT, "request_ref": "REQ-1"}),
        ("ErasureDeferred", {"until": "2030-03-01"}, {"ground": "LEGAL_HOLD"}),
        ("ErasureExecuted", ERASED[1], {"key_id": "c1"}),
        ("RecordsAccessed", {"rows": 0}, {"rows": -1}),
        ("TenantClosed", {"tenant": "eu-odr"}, {}),
        ("CheckpointAnchored", ANCHORED[1], {"root_hash": "ab" * 32}),
        ("SigningKeyRotated", KEYS, {**KEYS, "key": "no key"}),
        ("SigningKeyRotated", KEYS, {**KEYS, "origin": "with blanks"}),
        ("LogReopened", {**REOPENED, **KEY}, {**REOPENED, **KEY, "previous_root": "cd"}),
        ("LogReopened", {**REOPENED, **KEY}, {**REOPENED}),
        ("CheckpointAnchored", ANCHORED[1], {**ANCHORED[1], "external": {"kind": "PAPER", "ref": "x"}}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
