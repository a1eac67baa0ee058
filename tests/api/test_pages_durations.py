"""How long takedowns and disputes took: medians and percentiles by group, open ones beside them."""

from collections.abc import AsyncGenerator

import pytest

from ledger.server.embedded import EmbeddedServer
from tests.api.asking import on, record
from tests.api.desk import Desk, open_desk, outcome
from tests.api.page import shown
from tests.api.test_questions_odr import between, step
from tests.api.test_questions_reports import acted, noticed
from tests.conftest import copied_database

PAGE = "/workbench/durations"
PATH = f"{PAGE}?patient=true&as_of=2026-01-31&tz=Asia/Jakarta"
"""The page, whose parts are waited for."""


@pytest.fixture(scope="module")
async def told(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk with notices of small firms and of a large one, one of them open, and disputes before a forum."""
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as desk:
        small = {"notifier_size_class": "SMALL", "regime": "CN_ECL"}
        await record(
            desk,
            "01-20",
            *(noticed(name, on("01-10", 0), **small) for name in ("A", "B", "C")),
            acted("A", on("01-10", 10)),
            acted("B", on("01-10", 21)),
            noticed("D", on("01-10", 0), notifier_size_class="LARGE", regime="EU_DSA"),
            acted("D", on("01-10", 4)),
            between("X", "ID", "KR", on("01-02")),
            step("X", "DisputeAcknowledged", on("01-04"), case_no="1"),
            outcome("X", on("01-18")),
            between("Y", "ID", "ID", on("01-05")),
        )
        await record(desk, "01-25", acted("C", on("01-11", 6)))
        yield desk


async def test_small_firms_and_large_ones_stand_beside_each_other_with_what_is_open(told: Desk) -> None:
    page = await shown(told, f"{PATH}&known_at=2026-01-20", zone="Asia/Jakarta")
    assert page.status == 200
    for said in (
        "As of 31 Jan 2026, 23:59:59 WIB , as known at 20 Jan 2026, 23:59:59 WIB",
        "all: 3 decided, half of them within 10 hours; LARGE: 1 decided, half of them within 4 hours;",
        "SME: 2 decided, half of them within 15.5 hours.",
        "LARGE 1 1 4 4 0 — 4 100% (1/1)",
        "SME 3 2 15.5 21 1 528 10; 21 66.7% (2/3)",
        "all 4 3 10 21 1 528 4; 10; 21 75% (3/4)",
    ):
        assert said in page.text


async def test_what_became_known_later_changes_the_median(told: Desk) -> None:
    page = await shown(told, f"{PATH}&known_at=2026-01-26")
    assert "SME 3 3 21 30 0 — 10; 21; 30 66.7% (2/3)" in page.text


async def test_notices_are_compared_by_what_is_chosen_and_narrowed_by_regime(told: Desk) -> None:
    by_regime = await shown(told, f"{PATH}&by=regime")
    assert "CN_ECL 3 3 21 30" in by_regime.text
    assert "EU_DSA 1 1 4 4" in by_regime.text
    narrowed = await shown(told, f"{PATH}&regime=EU_DSA")
    assert "all 1 1 4 4" in narrowed.text
    assert "SME 3" not in narrowed.text
    unknown = await shown(told, f"{PATH}&by=colour")
    assert "SME 3 3 21 30" in unknown.text


async def test_disputes_stand_by_forum_and_by_stage_with_what_is_open(told: Desk) -> None:
    page = await shown(told, PATH)
    for said in ("forum 2 1 16 16 1 26.6 16 100% (1/1)", "filed 1 2 2 1 26.6 2", "registered 1 14 14 0 — 14"):
        assert said in page.text
    elsewhere = await shown(told, f"{PATH}&forum=elsewhere")
    assert "No dispute was filed in this period." in elsewhere.text


async def test_every_answer_is_had_by_the_link_below_it(told: Desk) -> None:
    page = await shown(told, PATH)
    calls = sorted(link for link in page.links if link.startswith("/v1/"))
    assert calls == [
        "/v1/reports/odr?as_of=2026-01-31&tz=Asia/Jakarta&section=forums&section=stages",
        "/v1/reports/transparency?as_of=2026-01-31&tz=Asia/Jakarta&section=notices",
    ]
    for call in calls:
        await told.get(call)


async def test_a_reader_of_another_log_sees_none_of_it(told: Desk) -> None:
    page = await shown(told, PATH, who="other")
    assert "all: none decided." in page.text
    assert "SME 3" not in page.text
    assert "No dispute was filed in this period." in page.text


async def test_a_date_that_is_none_is_said_beside_the_form(told: Desk) -> None:
    page = await shown(told, f"{PAGE}?patient=true&as_of=yesterday")
    assert "as_of:" in page.text
    assert ("as_of", "yesterday") in page.fields


async def test_it_speaks_indonesian(told: Desk) -> None:
    page = await shown(told, PATH, language="id")
    for said in ("Lama proses", "3 diputuskan, separuhnya dalam 21 jam", "9 dari 10 dalam (jam)", "diajukan 1 2 2"):
        assert said in page.text
