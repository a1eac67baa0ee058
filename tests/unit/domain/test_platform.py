from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, payload

PLATFORM = "platform:tiktok-shop-id"


def suspended(story: Story, as_of: str, certainty: Certainty = "CERTAIN") -> dict[str, bool]:
    services = story.described(as_of, certainty).get("services", ())
    return {f"{one['service']} {one['country']}": one["suspended"] for one in services}


def test_a_registered_platform_is_described_in_full() -> None:
    story = Story(PLATFORM)
    said: dict[str, Any] = {
        "slug": "tiktok-shop-id",
        "legal_entity": "party:tiktok-id",
        "country": "ID",
        "business_model": "SOCIAL_COMMERCE",
        "url": "https://shop.example",
    }
    story.tell("PlatformRegistered", "2021-04-01T00:00:00Z", **said)

    assert story.described() == {
        **said,
        "id": PLATFORM,
        "version": 1,
        "registered_at": "2021-04-01T00:00:00.000000Z",
        "features": [],
        "services": [],
    }


def test_a_service_is_suspended_from_the_instant_it_stops() -> None:
    story = Story(PLATFORM)
    story.tell("ServiceSuspended", "2023-10-04T10:00:00Z", service="CHECKOUT", country="ID", cause="VOLUNTARY")

    assert suspended(story, "2023-10-04T09:59:59Z") == {}
    assert suspended(story, "2023-10-04T10:00:00Z") == {"CHECKOUT ID": True}


def test_a_service_is_resumed_where_it_stopped_and_nowhere_else() -> None:
    story = Story(PLATFORM)
    story.tell("ServiceSuspended", "2023-10-04T10:00:00Z", service="CHECKOUT", country="MY", cause="ORDER")
    story.tell("ServiceSuspended", "2023-10-04T10:00:00Z", service="CHECKOUT", country="ID")
    story.tell("ServiceResumed", "2023-12-12T00:00:00Z", service="CHECKOUT", country="ID", conditions="with a partner")

    assert story.described()["services"] == [
        {
            "service": "CHECKOUT",
            "country": "ID",
            "suspended": False,
            "since": "2023-12-12T00:00:00.000000Z",
            "conditions": "with a partner",
        },
        {
            "service": "CHECKOUT",
            "country": "MY",
            "suspended": True,
            "since": "2023-10-04T10:00:00.000000Z",
            "cause": "ORDER",
        },
    ]
    assert story.breach() is None


def test_a_resumption_of_a_day_certainly_counts_only_from_the_day_s_end() -> None:
    story = Story(PLATFORM)
    story.tell("ServiceSuspended", "2023-10-04T10:00:00Z", service="CHECKOUT", country="ID")
    story.tell("ServiceResumed", "2023-12-12T00:00:00Z", precision="DAY", service="CHECKOUT", country="ID")

    assert suspended(story, "2023-12-12T12:00:00Z", "CERTAIN") == {"CHECKOUT ID": True}
    assert suspended(story, "2023-12-12T12:00:00Z", "POSSIBLE") == {"CHECKOUT ID": False}
    assert suspended(story, "2023-12-13T00:00:00Z", "CERTAIN") == {"CHECKOUT ID": False}


def test_a_feature_has_the_status_last_declared_in_each_country() -> None:
    story = Story("platform:tiktok")
    project: dict[str, Any] = {"feature": "PROJECT_S", "declared_by": "party:tiktok-id"}
    story.tell("ServiceFeatureStatusDeclared", "2023-07-01T00:00:00Z", country="GB", status="PILOT", **project)
    story.tell("ServiceFeatureStatusDeclared", "2023-07-10T00:00:00Z", country="GB", status="ACTIVE", **project)
    story.tell("ServiceFeatureStatusDeclared", "2023-07-26T00:00:00Z", country="ID", status="NOT_OFFERED", **project)

    declared = [
        {(one["country"], one["status"]) for one in story.described(as_of)["features"]}
        for as_of in ("2023-07-05T00:00:00Z", "2023-07-30T00:00:00Z")
    ]
    assert declared == [{("GB", "PILOT")}, {("GB", "ACTIVE"), ("ID", "NOT_OFFERED")}]


def test_licences_representatives_and_closed_periods_are_kept() -> None:
    story = Story(PLATFORM)
    licence: dict[str, Any] = {"licence_kind": "PSE", "number": "001", "valid_from": "2022-01-01"}
    period: dict[str, Any] = {"period_start": "2022-01-01", "period_end": "2022-01-31", "totals": {"ListingBlocked": 3}}
    story.tell("PlatformLicenceRecorded", "2022-01-01T00:00:00Z", **licence)
    story.tell("PlatformRepresentativeAppointed", "2022-01-01T00:00:00Z", party_id="party:agent")
    story.tell("PlatformRepresentativeAppointed", "2022-01-01T00:00:00Z")
    story.tell("SubmissionPeriodClosed", "2022-02-01T00:00:00Z", **period)

    described = story.described()
    assert described["licences"] == [licence]
    assert described["representatives"] == ["party:agent"]
    assert described["periods"] == [{**period, "closed_by": "e4", "closed_at": "2022-02-01T00:00:00.000000Z"}]


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("PlatformRegistered", {"slug": "lazada-id"}, {}),
        ("PlatformLicenceRecorded", {"licence_kind": "PSE", "valid_from": "2022-01-01"}, {"licence_kind": "PSE"}),
        ("PlatformLicenceRecorded", {"licence_kind": "X_A", "valid_from": "2022-01-01"}, {"valid_from": "2022-01-01"}),
        ("ServiceFeatureStatusDeclared", {"feature": "F", "country": "ID", "status": "PILOT"}, {"feature": "F"}),
        ("ServiceSuspended", {"service": "CHECKOUT", "country": "ID"}, {"service": "CHECKOUT"}),
        ("ServiceResumed", {"service": "CHECKOUT", "country": "ID"}, {"country": "ID"}),
        ("SubmissionPeriodClosed", {"period_start": "2022-01-01", "period_end": "2022-01-31"}, {"period_end": "2022"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
