"""The reports' pages: which there are, each as tables with its figures in words, and as files to take away."""

import csv
import io

import pytest

from projections.reports.catalogue import REPORTS
from tests.api.desk import OPEN, SHOP, Desk, block, published, reinstated
from tests.api.page import shown
from tests.api.roles import many_of

PAGE = "/workbench/reports"
PERIOD = "from=2026-01-01&to=2026-01-31&tz=Asia/Jakarta"
PATH = f"{PAGE}/transparency?patient=true&{PERIOD}"


@pytest.fixture(scope="module")
async def told(shared_desk: Desk) -> Desk:
    """Return a desk with two listings blocked, one of them for two days; and a token of each role."""
    await shared_desk.tell(
        published("L1"),
        published("L2"),
        block("L1", "R1"),
        block("L2", "R2"),
        reinstated("L1", "R1"),
    )
    return await many_of(shared_desk)


async def test_every_report_is_there_to_choose_with_what_it_answers(told: Desk) -> None:
    page = await shown(told, PAGE)
    assert {f"{PAGE}/{report.name}" for report in REPORTS} | {"/v1/reports"} <= page.links
    assert "Policy compliance R6 Which rules were in force" in page.text


@pytest.mark.parametrize("name", [report.name for report in REPORTS])
async def test_every_report_can_be_read_in_both_languages(told: Desk, name: str) -> None:
    for language, said in (("en", "What the figures mean"), ("id", "Arti angka-angkanya")):
        page = await shown(told, f"{PAGE}/{name}?patient=true&{PERIOD}", who="operator", language=language)
        assert (page.status, said in page.text, "JSON" in page.text) == (200, True, True)


async def test_figures_are_said_in_words_and_rates_as_shares(told: Desk) -> None:
    page = await shown(told, f"{PATH}&section=measures")
    assert "told apart by value decisions reversed why reversed" in page.text
    assert "all all 2 50% 1 / 2 UNKNOWN 1 0% 0 / 2" in page.text
    assert "/v1/reports/transparency?tz=Asia/Jakarta&from=2026-01-01&to=2026-01-31&section=measures" in page.links


async def test_a_section_of_the_period_alone_is_shown_when_it_is_chosen(told: Desk) -> None:
    page = await shown(told, f"{PATH}&section=notices")
    assert "time to decision" in page.text
    assert "why reversed" not in page.text
    before = await shown(told, f"{PAGE}/transparency?patient=true&to=2025-12-31&section=measures")
    assert "all all 0 0 / 0" in before.text


async def test_a_report_is_taken_away_as_csv_and_as_json_as_it_is_on_the_screen(told: Desk) -> None:
    page = await shown(told, f"{PATH}&section=measures")
    files = sorted(link for link in page.links if "/file?" in link)
    assert [link.rpartition("=")[2] for link in files] == ["csv", "json"]
    table, document = [await told.ask("GET", link) for link in files]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert (rows[0]["by"], rows[0]["decisions"], rows[0]["reversal_rate.decimal"]) == ("all", "2", "0.5000")
    assert document.json()["sections"]["measures"][0]["decisions"] == 2
    assert table.headers["content-disposition"] == 'attachment; filename="transparency.csv"'
    assert table.headers["content-type"].startswith("text/csv")


async def test_what_the_api_refuses_is_said_beside_the_form_and_instead_of_a_file(told: Desk) -> None:
    page = await shown(told, f"{PAGE}/transparency?patient=true&from=soon&tz=Asia/Jakarta")
    assert (page.status, "from:" in page.text, ("from", "soon") in page.fields) == (422, True, True)
    assert (await shown(told, f"{PAGE}/transparency/file?from=soon&tz=Asia/Jakarta")).status == 422
    assert (await shown(told, f"{PAGE}/none")).status == 404


async def test_a_reader_sees_of_a_report_what_its_token_sees(told: Desk) -> None:
    other = await shown(told, f"{PATH}&section=measures", who="other")
    assert "all all 0 0 / 0" in other.text
    refused = await shown(told, f"{PATH}&log={SHOP}", who="other")
    assert refused.status == 403
    assert "L1" not in refused.text
    unseen = await shown(told, f"{PATH}&section=measures&log={OPEN}", who="writer")
    assert "all all 0 0 / 0" in unseen.text
