"""Transparency reports: published, corrected; every version stays (domain.md 7.9, edge case 35)."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from ledger.domain.codes_public import ReportTemplate
from ledger.domain.fact import Fact
from ledger.domain.free_json import FreeObject, check_free
from ledger.domain.instants import format_instant
from ledger.domain.payload import DateOrInstant, Identifier, Payload, Sha256, Text, TimeClass
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

REPORT = ("report",)


class TransparencyReportPublished(Payload, frozen=True, kw_only=True):
    """A report on a period was published."""

    event_type: ClassVar[str] = "TransparencyReportPublished"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = REPORT

    period_start: DateOrInstant
    period_end: DateOrInstant
    template: ReportTemplate
    figures_sha256: Sha256 | None = None
    manifest: FreeObject | Text | None = None

    def check(self) -> None:
        """A manifest is canonical JSON."""
        check_manifest(self.manifest)


class TransparencyReportCorrected(Payload, frozen=True, kw_only=True):
    """A report was published anew, with changes. `of` is the event, or the version, that it corrects."""

    event_type: ClassVar[str] = "TransparencyReportCorrected"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = REPORT

    of: Identifier
    changes: FreeObject | Text | None = None
    figures_sha256: Sha256 | None = None
    manifest: FreeObject | Text | None = None

    def check(self) -> None:
        """Changes and manifest are canonical JSON."""
        if not isinstance(self.changes, str):
            check_free("changes", self.changes)
        check_manifest(self.manifest)


class ReportCorrection(Value, frozen=True, kw_only=True):
    """A correction of a report."""

    of: str
    corrected_by: str
    corrected_at: str
    changes: FreeObject | str | None = None
    figures_sha256: str | None = None
    manifest: FreeObject | str | None = None


class ReportVersion(Value, frozen=True, kw_only=True):
    """A report as it was published."""

    published_by: str
    published_at: str
    period_start: str
    period_end: str
    template: str
    figures_sha256: str | None = None
    manifest: FreeObject | str | None = None


class Report(State, frozen=True, kw_only=True):
    """State of a report: what was published, and what was said since to be wrong in it."""

    versions: tuple[ReportVersion, ...] = ()
    corrections: tuple[ReportCorrection, ...] = ()


def check_manifest(manifest: FreeObject | str | None) -> None:
    """Raise ValueError unless a manifest is canonical JSON, or text: its hash or where it is."""
    if not isinstance(manifest, str):
        check_free("manifest", manifest)


def begin(subject: str) -> Report:
    """Return the state before any event."""
    return Report(id=subject)


def apply(state: Report, fact: Fact) -> Report:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Report, fact: Fact) -> Report:
    at = format_instant(fact.time)
    match fact.payload:
        case TransparencyReportPublished() as published:
            version = ReportVersion(
                published_by=fact.id,
                published_at=at,
                period_start=published.period_start,
                period_end=published.period_end,
                template=published.template,
                figures_sha256=published.figures_sha256,
                manifest=published.manifest,
            )
            return msgspec.structs.replace(state, versions=(*state.versions, version))
        case TransparencyReportCorrected() as corrected:
            correction = ReportCorrection(
                of=corrected.of,
                corrected_by=fact.id,
                corrected_at=at,
                changes=corrected.changes,
                figures_sha256=corrected.figures_sha256,
                manifest=corrected.manifest,
            )
            return msgspec.structs.replace(state, corrections=(*state.corrections, correction))
        case _:
            return state


def describe(state: Report, _moment: datetime) -> dict[str, Any]:
    """Return the report as JSON values: each version with the corrections of it, and all corrections.

    `figures_sha256` is that of the newest figures, `template` and period those of the version published last.
    """
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["corrections"] = [msgspec.to_builtins(correction) for correction in state.corrections]
    item["versions"] = [
        {
            **msgspec.to_builtins(version),
            "corrections": [one for one in item["corrections"] if one["of"] == version.published_by],
        }
        for version in state.versions
    ]
    item["corrected"] = bool(state.corrections)
    for name in ("period_start", "period_end", "template", "published_at"):
        item[name] = getattr(state.versions[-1], name) if state.versions else None
    dated = [
        *((version.published_at, version.figures_sha256) for version in state.versions),
        *((correction.corrected_at, correction.figures_sha256) for correction in state.corrections),
    ]
    hashes = [figures for _, figures in sorted(dated, key=lambda pair: pair[0]) if figures is not None]
    item["figures_sha256"] = hashes[-1] if hashes else None
    return item


STREAM = Stream(
    kind="report",
    pattern=r"^report:[!-~]+:[!-~]+$",
    events=(TransparencyReportPublished, TransparencyReportCorrected),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
