"""What was published for a period beside what the ledger shows for it (Q43).

A publication says its figures in its manifest, as the member `figures`, or their hash: SHA-256 of the object of all
headline figures, as JSON with sorted names. A correction says in `changes` what it changes of them.
"""

import hashlib
from collections.abc import Iterator, Mapping

from ledger.domain.json_values import is_object
from ledger.domain.report import Report as Publication
from ledger.domain.report import ReportCorrection, ReportVersion
from ledger.entry import encode_canonical
from projections.inquiry import Known
from projections.reports.report import Asked, Row
from projections.window import Window
from projections.window_parameters import read_window

REPORT = ("report",)
HASH = "figures_sha256"
Figures = Mapping[str, int | str | None]
BOUNDS = ("period_start", "period_end")


async def compared(asked: Asked, figures: Figures) -> list[Row]:
    """Return a line for each figure of each publication for exactly the period asked, corrections among them."""
    shown = {**figures, HASH: figures_sha256(figures)}
    rows: list[Row] = []
    async for known in asked.inquiry.streams(REPORT):
        state = known.state()
        for version in state.versions if isinstance(state, Publication) else ():
            if _is_of(version, asked.period, known.log.timezone):
                rows += _lines(known, version, shown)
    return rows


def figures_sha256(figures: Figures) -> str:
    """Return the hash by which a publication may name these figures."""
    return hashlib.sha256(encode_canonical(figures)).hexdigest()


def _is_of(version: ReportVersion, period: Window, zone_name: str) -> bool:
    said = {name: (getattr(version, name),) for name in BOUNDS}
    window = read_window(said, BOUNDS, zone_name)
    return (window.begin, window.end) == (period.begin, period.end)


def _lines(known: Known, version: ReportVersion, shown: Figures) -> Iterator[Row]:
    """Yield the lines of a publication as it was made, then as each of its corrections left it."""
    state = known.state()
    corrections = state.corrections if isinstance(state, Publication) else ()
    reported = _reported(version)
    yield from _beside(known, version.published_by, version.published_at, reported, shown)
    for correction in corrections:
        if correction.of == version.published_by:
            stated = {name: value for name, value in reported.items() if name != HASH}
            reported = {**stated, **_reported(correction)}
            yield from _beside(known, correction.corrected_by, correction.corrected_at, reported, shown)


def _reported(said: ReportVersion | ReportCorrection) -> dict[str, object]:
    """Return the figures that a publication says, and their hash if it says that."""
    reported: dict[str, object] = {}
    if is_object(said.manifest) and is_object(said.manifest.get("figures")):
        reported |= said.manifest["figures"]
    if isinstance(said, ReportCorrection) and is_object(said.changes):
        reported |= said.changes
    return reported if said.figures_sha256 is None else {**reported, HASH: said.figures_sha256}


def _beside(known: Known, event: str, at: str, reported: Mapping[str, object], shown: Figures) -> Iterator[Row]:
    for name, value in sorted(reported.items()):
        yield {
            "log": known.log.slug,
            "subject": known.subject,
            "event": event,
            "published_at": at,
            "figure": name,
            "reported": value,
            "ledger": shown.get(name),
            "agrees": name in shown and shown[name] == value,
        }
