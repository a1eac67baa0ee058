from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, payload

REPORT = "report:lazada-id:2021-H2"
PUBLISHED: dict[str, Any] = {"period_start": "2021-07-01", "period_end": "2021-12-31", "template": "ID_PMSE"}


def corrected() -> Story:
    story = Story(REPORT)
    story.tell("TransparencyReportPublished", "2022-02-01T00:00:00Z", figures_sha256="a" * 64, **PUBLISHED)
    story.tell(
        "TransparencyReportCorrected",
        "2022-03-01T00:00:00Z",
        of="e1",
        changes={"blocked": {"from": 12, "to": 13}},
        figures_sha256="b" * 64,
    )
    return story


def test_a_corrected_report_keeps_both_versions() -> None:
    correction = {
        "of": "e1",
        "corrected_by": "e2",
        "corrected_at": "2022-03-01T00:00:00.000000Z",
        "changes": {"blocked": {"from": 12, "to": 13}},
        "figures_sha256": "b" * 64,
    }
    assert corrected().described() == {
        "id": REPORT,
        "version": 2,
        **PUBLISHED,
        "published_at": "2022-02-01T00:00:00.000000Z",
        "figures_sha256": "b" * 64,
        "corrected": True,
        "versions": [
            {
                **PUBLISHED,
                "published_by": "e1",
                "published_at": "2022-02-01T00:00:00.000000Z",
                "figures_sha256": "a" * 64,
                "corrections": [correction],
            }
        ],
        "corrections": [correction],
    }


def test_before_its_correction_a_report_says_what_it_said() -> None:
    described = corrected().described("2022-02-15T00:00:00Z")

    assert (described["figures_sha256"], described["corrected"]) == ("a" * 64, False)


def test_a_correction_of_a_report_that_is_not_here_is_kept() -> None:
    story = Story(REPORT)
    story.tell("TransparencyReportCorrected", "2022-03-01T00:00:00Z", of="report-2019", changes="a typing error")

    described = story.described()
    assert story.breach() is None
    assert (described["versions"], len(described["corrections"]), described["template"]) == ([], 1, None)


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("TransparencyReportPublished", {**PUBLISHED, "manifest": {"share": 0.5}}),
        ("TransparencyReportCorrected", {"of": "e1", "changes": {"share": 0.5}}),
        ("TransparencyReportCorrected", {"of": "e1", "manifest": {"share": 0.5}}),
    ],
)
def test_numbers_that_are_no_integers_are_refused(event_type: str, data: dict[str, Any]) -> None:
    payload("TransparencyReportPublished", **PUBLISHED, manifest={"size": 12}).check()
    with pytest.raises(ValueError, match="/share: is no integer"):
        payload(event_type, **data).check()


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("TransparencyReportPublished", PUBLISHED, {**PUBLISHED, "template": "OWN"}),
        ("TransparencyReportPublished", {**PUBLISHED, "template": "X_OWN"}, {"template": "ODR"}),
        ("TransparencyReportCorrected", {"of": "e1"}, {"changes": {}}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
