"""The page of a subject: its state, its history drawn and told, its events with what changed them and their flags."""

import pytest

from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.asking import ZONE, record
from tests.api.desk import SHOP, Desk, Event, block, corrected, event, published, registered, reinstated, voided
from tests.api.page import Shown, shown

LISTING = "listing:shop:L1"


@pytest.fixture
async def told(clocked_desk: Desk) -> Desk:
    """Return a desk where a listing's second block became known late, its first was corrected, and one was voided."""
    await record(
        clocked_desk,
        "01-06",
        registered("S1", country="ID"),
        published("L1", seller_id="seller:shop:S1", price={"amount_minor": 1500, "currency": "IDR"}),
    )
    await record(clocked_desk, "01-11", block("L1", "K1"), block("L1", "K3"))
    await record(
        clocked_desk,
        "01-20",
        block("L1", "K2", "2026-01-12T03:00:00Z"),
        corrected("fix", LISTING, "block-L1-K1", time="2026-01-09T03:00:00Z"),
        voided("void", LISTING, "block-L1-K3"),
    )
    await record(clocked_desk, "01-21", reinstated("L1", "K1", "2026-01-21T03:00:00Z"))
    return clocked_desk


async def page_of(desk: Desk, query: str = "", subject: str = LISTING, **how: str) -> Shown:
    return await shown(desk, f"/workbench/subject?subject={subject}&tz={ZONE}&{query}", **how)


async def html_of(desk: Desk, query: str) -> str:
    return (await desk.ask("GET", f"/workbench/subject?subject={LISTING}&tz={ZONE}&{query}")).text


async def test_the_state_is_read_in_words_with_links_to_what_it_refers_to(told: Desk) -> None:
    page = await page_of(told, "as_of=2026-01-31")
    assert page.status == 200
    for said in (
        f"In the log {SHOP}",
        "life cycle PUBLISHED",
        "amount minor 1,500",
        "seller seller:shop:S1",
        "in force yes",
    ):
        assert said in page.text
    asked = "as_of=2026-01-31&tz=Asia/Jakarta"
    assert {
        f"/workbench/subject?{asked}&subject=seller:shop:S1",
        f"/workbench/events/{SHOP}/block-L1-K2",
        f"/v1/subject?{asked}&subject={LISTING}",
        f"/v1/subject/history?subject={LISTING}",
        f"/v1/subject/timeline?{asked}&subject={LISTING}&voided=true",
    } <= page.links


async def test_events_stand_in_valid_order_with_what_changed_them_and_how_late_they_came(told: Desk) -> None:
    page = await page_of(told, "as_of=2026-01-31")
    table = page.text[page.text.index("Events, in the order") :]
    order = [table.index(name) for name in ("pub-L1", "block-L1-K1", "block-L1-K3", "block-L1-K2", "lift-L1-K1")]
    assert order == sorted(order)
    assert "corrected by fix CLERICAL , recorded 20 Jan 2026, 16:00:00 UTC" in table
    assert "time 10 Jan 2026, 03:00:00 UTC → time 9 Jan 2026, 03:00:00 UTC" in table
    assert "voided by void CLERICAL" in table
    assert "9 days later" in table
    assert "LATE_APPEND WARNING, OPEN" in table


async def test_the_table_tells_what_is_drawn_and_marks_where_the_dates_lie(told: Desk) -> None:
    items = (await told.get("/v1/subject/history", subject=LISTING))["items"]
    drawn = [item for item in items if item["known_from"] != item["known_to"]]
    html = await html_of(told, "as_of=2026-01-31&known_at=2026-01-15")
    assert f"The same as a table ({len(drawn)})" in html
    assert html.count("<path ") == len(drawn)
    assert html.count(' chosen" d=') == html.count('<tr class="marked"><th scope="row" class="number">') == 1


async def test_bars_last_as_long_as_was_known_at_the_chosen_date(told: Desk) -> None:
    early = await page_of(told, "as_of=2026-01-31&known_at=2026-01-15")
    late = await page_of(told, "as_of=2026-01-31")
    assert "K1 BLOCKED 10 Jan 2026, 03:00:00 UTC goes on" in early.text
    assert "K3 BLOCKED 10 Jan 2026, 03:00:00 UTC goes on" in early.text
    assert "K1 BLOCKED 9 Jan 2026, 03:00:00 UTC 21 Jan 2026, 03:00:00 UTC" in late.text
    assert "K3 BLOCKED" not in late.text


async def test_what_differs_between_two_dates_of_knowledge_is_marked_with_its_events(told: Desk) -> None:
    page = await page_of(told, "as_of=2026-01-19&known_at=2026-01-15&against=2026-01-20")
    assert "Known otherwise at the other date: restrictions RECORDED block-L1-K2" in page.text
    assert "CORRECTED fix EventCorrected changes the record of block-L1-K1" in page.text
    assert "VOIDED void" in page.text
    same = await page_of(told, "as_of=2026-01-19&known_at=2026-01-20&against=2026-01-20")
    assert "Known otherwise" not in same.text


async def test_before_anything_was_known_the_page_says_so_and_keeps_its_dates(told: Desk) -> None:
    page = await page_of(told, "as_of=2026-01-31&known_at=2026-01-02")
    assert (page.status, "nothing was known of it at these dates" in page.text) == (200, True)
    assert "known at 2 Jan 2026" in page.text
    learned = await page_of(told, "as_of=2026-01-31&known_at=2026-01-02&against=2026-01-07")
    assert "There only as known at 7 Jan 2026" in learned.text
    assert "RECORDED pub-L1" in learned.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("subject=listing:shop:none", 404),
        ("subject=colour:red", 404),
        ("", 422),
        (f"subject={LISTING}&as_of=yesterday", 422),
        (f"subject={LISTING}&against=2999-01-01", 422),
    ],
)
async def test_what_cannot_be_shown_is_said_with_the_api_s_status(told: Desk, query: str, status: int) -> None:
    assert (await shown(told, f"/workbench/subject?{query}")).status == status


async def test_a_reader_of_another_log_is_told_that_there_is_no_such_subject(told: Desk) -> None:
    page = await page_of(told, who="other")
    assert (page.status, "PUBLISHED" in page.text) == (404, False)


def one_of_each() -> list[Event]:
    """Return the beginning of a stream of several kinds, none of which the page knows by name."""
    return [
        event("p1", "PolicyAnnounced", "policy:shop:P", title="A rule", kind="LAW"),
        event("d1", "DisputeFiled", "dispute:forum:D1", claimant_kind="CONSUMER"),
        event("b1", "BodyAnnounced", "body:b", kind="COMMITTEE", name="A committee"),
        event(
            "c1", "ClaimPublished", "claim:shop:c", statement="We sell none.", lang="en", reference_time="2026-01-01"
        ),
    ]


async def test_every_kind_of_subject_has_the_same_page(desk: Desk) -> None:
    told = one_of_each()
    await desk.tell(*told)
    for one in told:
        page = await page_of(desk, subject=one["subject"])
        assert (page.status, f"{one['type']} {one['id']}" in page.text) == (200, True), one["subject"]


async def test_who_sees_a_case_in_part_sees_the_state_shared_and_neither_history_nor_events(desk: Desk) -> None:
    parties: Event = {"kind": "MOU", "parties": ["party:kca", "party:bpkn"], "in_force_on_signature": True}
    filed: Event = {"claimant_kind": "CONSUMER", "issue": "OVERCHARGE", "claimant_country": "KR"}
    referred: Event = {"to_party_id": "party:bpkn", "agreement_id": "agreement:a-b", "fields_shared": ["issue"]}
    await desk.tell(
        event("agreed", "AgreementSigned", "agreement:a-b", **parties),
        event("filed", "DisputeFiled", "dispute:forum:D1", **filed),
        event("referred", "DisputeReferred", "dispute:forum:D1", "2026-01-11T03:00:00Z", **referred),
    )
    keeper = desk.service.database.pool("keeper")
    grant = Grant(role="PARTNER_AGENCY", party="party:bpkn")
    desk.tokens = {**desk.tokens, "partner": await create_token(keeper, "PARTNER_AGENCY", [SHOP], None, grant)}
    page = await page_of(desk, subject="dispute:forum:D1", who="partner")
    assert (page.status, "issue OVERCHARGE" in page.text) == (200, True)
    for secret in ("KR", "When it was so, and when that was known", "Events, in the order", "/v1/subject/history"):
        assert secret not in page.text


async def test_it_speaks_indonesian(told: Desk) -> None:
    page = await page_of(told, "as_of=2026-01-31", language="id")
    for said in (
        "Keadaan pada tanggal ini",
        "Kapan begitu, dan kapan diketahui",
        "dibatalkan oleh void",
        "9 hari kemudian",
    ):
        assert said in page.text
