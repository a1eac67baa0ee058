"""What a page leaves behind: nothing that would wait for the garbage collector, whose pauses somebody would feel."""

import gc
from urllib.parse import quote

from jinja2.runtime import Context
from litestar import Request

from tests.api.asking import record
from tests.api.desk import SHOP, Desk, block, corrected, published, registered

GOOD = 200
LISTING = "listing:shop:L1"
AGAINST = "known_at=2026-01-13&against=2026-01-30"
PATHS = (
    "/",
    "/workbench/time",
    f"/workbench/lists/listings?{AGAINST}",
    "/workbench/lists/flags",
    f"/workbench/subject?subject={quote(LISTING)}&{AGAINST}",
    "/workbench/search?q=seller",
    f"/workbench/events/{SHOP}/fix",
    "/workbench/policies",
    "/workbench/claims",
    "/workbench/durations",
    "/workbench/reports",
    "/workbench/reports/odr?patient=true",
    "/workbench/jobs",
    "/workbench/tokens",
    "/workbench/sign-in",
)


def held() -> int:
    """Count what pages are made of and that is still there."""
    return sum(isinstance(one, Request | Context) for one in gc.get_objects())


async def test_a_page_is_gone_once_it_is_answered(clocked_desk: Desk) -> None:
    await record(clocked_desk, "01-11", registered("S1", country="ID"), published("L1"), block("L1", "K1"))
    await record(clocked_desk, "01-20", corrected("fix", LISTING, "block-L1-K1", time="2026-01-09T03:00:00Z"))
    left: dict[str, int] = {}
    for path in PATHS:
        for _ in range(2):  # templates are read, and what is asked once is kept
            assert (await clocked_desk.ask("GET", path, who="operator")).status_code == GOOD
        gc.collect()
        before = held()
        gc.disable()
        try:
            await clocked_desk.ask("GET", path, who="operator")
            left[path] = held() - before
        finally:
            gc.enable()

    assert left == dict.fromkeys(PATHS, 0)
