"""The time machine's page: the two dates, and the lists to choose from at these."""

from api.pages.columns import LISTED
from tests.api.desk import Desk
from tests.api.page import shown

PATH = "/workbench/time?as_of=2026-01-10&known_at=2026-01-12&tz=Asia/Jakarta"
ASKED = "as_of=2026-01-10&known_at=2026-01-12&tz=Asia/Jakarta"


async def test_every_list_is_there_to_choose_at_the_page_s_times(shared_desk: Desk) -> None:
    page = await shown(shared_desk, f"{PATH}&against=2026-01-13")
    assert page.status == 200
    query = "as_of=2026-01-10&known_at=2026-01-12&tz=Asia/Jakarta&against=2026-01-13"
    assert {f"/workbench/lists/{name}?{query}" for name in LISTED} <= page.links


async def test_numbers_are_asked_for_of_lists_that_are_kept_and_not_of_those_that_are_worked_out(
    shared_desk: Desk,
) -> None:
    page = await shown(shared_desk, PATH)
    counts = {link for link in page.links if link.endswith("count=true")}
    assert counts == {f"/v1/{name}?{ASKED}&count=true" for name, listed in LISTED.items() if not listed.derived}
    assert (await shared_desk.get(min(counts)))["count"] == 0
    folded = await shown(shared_desk, f"{PATH}&basis=SOURCE")
    assert not any(link.endswith("count=true") for link in folded.links)


async def test_dates_of_logs_in_several_zones_are_the_reader_s(shared_desk: Desk) -> None:
    page = await shown(shared_desk, "/workbench/time?as_of=2026-01-10", zone="Asia/Seoul")
    assert "As of 10 Jan 2026, 23:59:59 KST , known at now. Dates are meant in Asia/Seoul." in page.text


async def test_the_presets_lead_to_now_then_and_then_as_known_now(shared_desk: Desk) -> None:
    page = await shown(shared_desk, PATH)
    then = "/workbench/time?as_of=2026-01-10"
    assert {f"{then}&known_at=2026-01-12&tz=Asia/Jakarta", f"{then}&tz=Asia/Jakarta"} <= page.links


async def test_a_date_that_is_none_is_said_beside_the_form(shared_desk: Desk) -> None:
    page = await shown(shared_desk, "/workbench/time?as_of=yesterday")
    assert (page.status, "invalid-time" in page.text, "Compare with" in page.text) == (422, True, True)


async def test_it_speaks_indonesian(shared_desk: Desk) -> None:
    page = await shown(shared_desk, PATH, language="id")
    for said in ("Mesin waktu", "Pilih daftar", "Pelanggaran aturan", "Apa yang diblokir"):
        assert said in page.text
