"""What a story lets one know at a question's moment, in a log in Jakarta."""

from datetime import datetime, timedelta

from ledger.domain.fact import Basis
from ledger.domain.instants import format_instant, parse_instant
from ledger.intake import LogInfo
from projections.inquiry import Known
from projections.moment import Moment
from tests.unit.domain.build import Story

START = parse_instant("2026-01-01T00:00:00Z")
SHOP = LogInfo(
    log_id=1,
    slug="shop",
    kind="PLATFORM",
    timezone="Asia/Jakarta",
    jurisdiction="ID",
    data_class="PUBLIC",
    origin="test/shop",
    created=START,
)


def day(number: int) -> str:
    """Return the first instant of a day of January, as text."""
    return format_instant(START + timedelta(days=number - 1))


def known(story: Story, as_of: str = "2026-02-01T00:00:00Z", basis: Basis = "LEDGER") -> Known:
    """Return what a story lets one know, all of it."""
    moment = Moment(as_of=parse_instant(as_of), known_at=None, tz=None, certainty="CERTAIN", basis=basis, logs=())
    subject = story.facts[0].originator_id
    return Known(log=SHOP, subject=subject, recorded=story.facts, facts=story.known(), moment=moment)


def at(number: int) -> datetime:
    """Return the first instant of a day of January."""
    return START + timedelta(days=number - 1)
