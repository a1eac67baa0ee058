"""R10, integrity and privacy: growth with proofs, corrections, lateness, completeness, access, erasures."""

from collections import Counter

from projections.completeness.listing import DERIVATION as COMPLETENESS
from projections.derived import Narrowing, select
from projections.reports.privacy import PART as PRIVACY
from projections.reports.records import PARTS as RECORDED
from projections.reports.report import Asked, Part, Report, Sections


async def completeness(asked: Asked) -> Sections:
    """Return on how much completeness rests at the question's moment: closed periods, gaps, notices, by status."""
    found: Counter[tuple[str, str, str]] = Counter()
    async for item in select(COMPLETENESS, asked.inquiry, Narrowing()):
        slug = asked.inquiry.log_at(item.log_id).log.slug
        found[slug, item.item["kind"], item.item["status"]] += 1
    return {
        "completeness": [
            {"log": log, "kind": kind, "status": status, "n": count}
            for (log, kind, status), count in sorted(found.items())
        ]
    }


REPORT = Report(
    name="integrity",
    id="R10",
    title="Integrity and privacy",
    answers=(
        "How each log grew in a period, with the proof that nothing before was changed; what was corrected and voided"
        " and why; how late events were recorded; whether what was sent is complete; who read what for which purpose;"
        " what became of requests for erasure"
    ),
    parts=(*RECORDED, Part(sections=("completeness",), work_out=completeness), PRIVACY),
    metrics=("lateness",),
    consults="EVERY_LOG",
)
