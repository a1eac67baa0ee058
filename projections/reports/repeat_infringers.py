"""Who infringes again, and who comes back under another account, by log (domain.md 13.2 recidivism; Q18)."""

from projections.derived import Item, Narrowing, select
from projections.metrics.sellers import re_entry_rate, recidivism
from projections.recidivism import DERIVATION as RECIDIVISM
from projections.reports.report import Asked, Part, Row, Sections

BANNED = "BANNED"


async def repeated(asked: Asked) -> Sections:
    """Return the shares of each log, at the question's moment: they look back, and know no period."""
    found: dict[str, list[Item]] = {at.log.slug: [] for at in asked.inquiry.asked}
    async for item in select(RECIDIVISM, asked.inquiry, Narrowing()):
        found[asked.inquiry.log_at(item.log_id).log.slug].append(item)
    return {"recidivism": [_row(log, items) for log, items in sorted(found.items()) if items]}


def _row(log: str, items: list[Item]) -> Row:
    sanctioned = [bool(one.item["recidivist"]) for one in items if one.item["sanctioned"]]
    banned = [bool(one.item["re_entered"]) for one in items if _is_banned(one)]
    return {
        "log": log,
        "parties": len(items),
        "repeat_infringers": sum(one.item["repeat_infringer"] for one in items),
        "recidivism": recidivism(sanctioned).describe(),
        "re_entry_rate": re_entry_rate(banned).describe(),
    }


def _is_banned(item: Item) -> bool:
    return any(one["kind"] == BANNED and one["upheld"] for one in item.item["sanctions_listed"])


PART = Part(sections=("recidivism",), work_out=repeated)
