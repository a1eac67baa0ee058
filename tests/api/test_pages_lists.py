"""The lists as pages: what they say at which times, what differs between two dates of knowledge, and why."""

import csv
import io

import msgspec
import pytest

from api.derived import PAGE_EVENTS_MIN
from api.description.items import TABLE
from api.pages.columns import LISTED
from api.pages.wording import LANGUAGES, texts
from tests.api.asking import ZONE, record
from tests.api.desk import OPEN, SHOP, Desk, block, corrected, published, registered, reinstated, voided
from tests.api.page import Shown, shown

TIMES = f"as_of=2026-01-31&tz={ZONE}"
EARLY, LATE = "2026-01-21", "2026-02-02"


@pytest.fixture
async def told(clocked_desk: Desk) -> Desk:
    """Return a desk that knew four listings in January, and in February learned of a block, a void and a correction."""
    names = ("L1", "L2", "L3", "L4")
    await record(clocked_desk, "01-06", *(published(name, ship_from_country="CN") for name in names))
    await record(clocked_desk, "01-20", block("L2", "K2"), block("L3", "K3"), registered("S1"))
    await record(
        clocked_desk,
        "02-01",
        block("L1", "K1", "2026-01-15T03:00:00Z"),
        voided("void-K2", "listing:shop:L2", "block-L2-K2"),
        corrected("fix-L4", "listing:shop:L4", "pub-L4", data={"ship_from_country": "ID"}),
        block("L4", "K4", "2026-02-01T03:00:00Z"),
    )
    return clocked_desk


async def listings(desk: Desk, query: str, **how: str) -> Shown:
    return await shown(desk, f"/workbench/lists/listings?log={SHOP}&{TIMES}&{query}", **how)


@pytest.mark.parametrize("name", sorted(LISTED))
async def test_every_list_is_a_page_in_both_languages_and_leads_to_the_api(shared_desk: Desk, name: str) -> None:
    for language in LANGUAGES:
        page = await shown(shared_desk, f"/workbench/lists/{name}?log={SHOP}", language=language)
        assert page.status == 200
        for said in (f"names.{name}", f"names.{name}_says", "lists.none"):
            assert texts(language)[said].replace("'", "’") in page.text.replace("'", "’")
        assert f"/v1/{name}?log={SHOP}&limit=50" in page.links


def test_every_column_is_a_member_of_the_items_and_every_member_shown_has_words() -> None:
    for name, listed in LISTED.items():
        members = {member.removesuffix("?") for member in TABLE[name].members}
        assert {*listed.columns, *listed.identity} <= members, name
    for language in LANGUAGES:
        shown_members = {f"members.{column}" for listed in LISTED.values() for column in listed.columns}
        assert shown_members <= texts(language).keys()


async def test_a_list_shows_the_api_s_items_with_links_to_what_they_name(told: Desk) -> None:
    page = await shown(told, f"/workbench/lists/restrictions?log={SHOP}&{TIMES}&known_at={EARLY}")
    assert "As of 31 Jan 2026" in page.text
    assert "Items: 2." in page.text
    assert "BLOCKED yes 10 Jan 2026, 03:00:00 UTC" in page.text
    asked = f"as_of=2026-01-31&known_at={EARLY}&tz={ZONE}"
    assert {
        f"/workbench/subject?{asked}&subject=listing:shop:L2",
        f"/workbench/events/{SHOP}/block-L2-K2",
        f"/v1/restrictions?{asked}&log={SHOP}&limit=50",
    } <= page.links


async def test_what_differs_is_marked_with_the_event_that_made_it_so(told: Desk) -> None:
    page = await listings(told, f"known_at={EARLY}&against={LATE}")
    assert "Items: 4. Different at the other date: 3." in page.text
    late = (
        "RECORDED block-L1-K1 ListingBlocked took effect 15 Jan 2026, 03:00:00 UTC , recorded 1 Feb 2026, 16:00:00 UTC"
    )
    void = "VOIDED void-K2 EventVoided changes the record of block-L2-K2 ( CLERICAL ), recorded"
    fix = "CORRECTED fix-L4 EventCorrected changes the record of pub-L4 ( CLERICAL ), recorded"
    for said in (late, void, fix, "yes at the other date: no", "CN at the other date: ID"):
        assert said in page.text
    assert "block-L4-K4" not in page.text  # it took effect after the date that is asked about
    assert {
        f"/workbench/events/{SHOP}/{name}" for name in ("block-L1-K1", "void-K2", "block-L2-K2", "fix-L4")
    } <= page.links


async def test_what_is_in_the_list_at_one_of_the_dates_alone_is_shown_as_that(told: Desk) -> None:
    page = await shown(told, f"/workbench/lists/restrictions?log={SHOP}&{TIMES}&known_at={EARLY}&against=now")
    assert "Items: 2. Different at the other date: 2." in page.text
    assert "There only as known at 21 Jan 2026, 16:59:59 UTC VOIDED void-K2" in page.text
    assert "There only as known at now RECORDED block-L1-K1" in page.text
    assert "block-L3-K3" in page.text


async def test_without_a_second_date_nothing_is_marked(told: Desk) -> None:
    page = await listings(told, f"known_at={EARLY}")
    assert "Items: 4." in page.text
    assert "Different" not in page.text
    assert "RECORDED" not in page.text


async def test_a_date_by_the_sources_clock_finds_the_events_by_that_clock(clocked_desk: Desk) -> None:
    source = {"sourcetime": "2026-01-11T00:00:00Z"}
    await record(
        clocked_desk,
        "01-25",
        {**published("L1"), "sourcetime": "2026-01-06T00:00:00Z"},
        {**block("L1", "K1"), **source},
    )
    page = await listings(clocked_desk, "known_at=2026-01-10&against=2026-01-12&basis=SOURCE")
    assert "Different at the other date: 1." in page.text
    assert "RECORDED block-L1-K1" in page.text
    assert "pub-L1" not in page.text


async def test_a_reader_of_another_log_sees_neither_rows_nor_events(told: Desk) -> None:
    page = await shown(told, f"/workbench/lists/listings?{TIMES}&known_at={EARLY}&against={LATE}", who="other")
    assert (page.status, "There is nothing in this list" in page.text) == (200, True)
    for secret in ("listing:shop", "block-L1-K1"):
        assert secret not in page.text
    named = await listings(told, "", who="other")
    assert (named.status, "listing:shop" in named.text) == (403, False)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("as_of=yesterday", 422, "invalid-time"),
        ("known_at=2999-01-01", 422, "future-knowledge"),
        ("against=2999-01-01", 422, "future-knowledge"),
        ("colour=red", 422, "unknown-parameter"),
        ("cursor=none", 422, "invalid-cursor"),
    ],
)
async def test_what_the_api_refuses_is_said_beside_the_form(
    shared_desk: Desk, query: str, status: int, said: str
) -> None:
    page = await shown(shared_desk, f"/workbench/lists/listings?log={SHOP}&{query}")
    assert (page.status, said in page.text, "Compare with what was known at" in page.text) == (status, True, True)


async def test_a_list_that_there_is_none_of_is_not_found(shared_desk: Desk) -> None:
    assert (await shown(shared_desk, "/workbench/lists/logs")).status == 404


async def test_dates_are_the_log_s_and_the_reader_s_where_several_logs_have_several_zones(told: Desk) -> None:
    own = await shown(told, f"/workbench/lists/listings?log={SHOP}&as_of=2026-01-31")
    several = await shown(told, "/workbench/lists/listings?as_of=2026-01-31", zone="Asia/Seoul")
    assert "As of 31 Jan 2026, 16:59:59 UTC" in own.text
    assert "As of 31 Jan 2026, 23:59:59 KST" in several.text
    assert "/v1/listings?as_of=2026-01-31&tz=Asia/Seoul&limit=50" in several.links


def next_of(page: Shown) -> str:
    (path,) = {link for link in page.links if "cursor=" in link and "/workbench/lists/" in link}
    return path


async def test_pages_follow_each_other_and_find_what_is_on_another_page_of_the_other_date(clocked_desk: Desk) -> None:
    names = [f"L{number:03}" for number in range(60)]
    await record(clocked_desk, "01-06", *(published(name) for name in names))
    await record(clocked_desk, "01-20", *(published(f"A{number}") for number in range(5)))
    path = f"/workbench/lists/listings?log={SHOP}&{TIMES}&known_at=2026-01-07&against={LATE}"
    first = await shown(clocked_desk, path)
    assert "Items on this page: 50. Different at the other date: 5." in first.text
    second = await shown(clocked_desk, next_of(first))
    assert "Items on this page: 10. Different at the other date: 0." in second.text
    assert all(f"listing:shop:{name} " in first.text + second.text for name in (*names, "A0", "A4"))
    assert next_link_gone(second)


def next_link_gone(page: Shown) -> bool:
    return "Next page" not in page.text


async def test_the_date_with_more_items_goes_on_alone_until_its_end(clocked_desk: Desk) -> None:
    await record(clocked_desk, "01-06", published("L0"))
    await record(clocked_desk, "01-20", *(published(f"M{number:03}") for number in range(70)))
    path = f"/workbench/lists/listings?log={SHOP}&{TIMES}&known_at=2026-01-07&against={LATE}"
    first = await shown(clocked_desk, path)
    second = await shown(clocked_desk, next_of(first))
    assert ("Items on this page: 1." in first.text, "Items on this page: 0." in second.text) == (True, True)
    assert ("Different at the other date: 49." in first.text, "Different at the other date: 21." in second.text) == (
        True,
        True,
    )
    assert next_link_gone(second)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_what_is_on_the_screen_is_a_file_too(told: Desk, form: str) -> None:
    page = await shown(told, f"/workbench/lists/restrictions?log={SHOP}&{TIMES}&kind=BLOCKED&known_at={EARLY}")
    (link,) = {link for link in page.links if f"format={form}" in link}
    response = await told.ask("GET", link)
    if form == "csv":
        rows = [(row["subject"], row["restriction_id"]) for row in csv.DictReader(io.StringIO(response.text))]
    else:
        items = [msgspec.json.decode(line) for line in response.text.splitlines()]
        rows = [(item["subject"], item["restriction_id"]) for item in items]
    assert rows == [("listing:shop:L2", "K2"), ("listing:shop:L3", "K3")]


async def test_a_page_of_a_list_that_is_worked_out_may_end_early_and_says_so(clocked_desk: Desk) -> None:
    names = [f"L{number:04}" for number in range(PAGE_EVENTS_MIN + 10)]
    await record(clocked_desk, "01-06", *(published(name) for name in names))
    last = names[-1]
    await record(clocked_desk, "01-08", voided("fix", f"listing:shop:{last}", f"pub-{last}"))
    first = await shown(clocked_desk, f"/workbench/lists/corrections?log={SHOP}")
    assert "Nothing was found in the part that was looked through so far." in first.text
    paused = "This list is worked out when it is opened, a part at a time."
    second = await shown(clocked_desk, next_of(first))
    assert (paused in first.text, paused in second.text) == (True, False)
    assert "Items on this page: 1." in second.text
    assert f"VOID pub-{last} ListingPublished CLERICAL all of it" in second.text
    assert f"/workbench/events/{SHOP}/fix" in second.links
    assert next_link_gone(second)


async def test_filters_are_kept_in_the_form_and_sent_on(told: Desk) -> None:
    await told.tell(reinstated("L3", "K3"))
    page = await told.ask(
        "GET", f"/workbench/lists/restrictions?log={SHOP}&log={OPEN}&kind=BLOCKED&kind=BANNED&in_force=false"
    )
    for field in (
        f'<input name="log" value="{SHOP}"', f'<input name="log" value="{OPEN}"', '<option value="BLOCKED" selected>',
        '<option value="BANNED" selected>', '<option value="false" selected>no</option>', "usual: yes",
    ):  # fmt: skip
        assert field in page.text
    assert (
        f"GET /v1/restrictions?in_force=false&amp;kind=BANNED&amp;kind=BLOCKED&amp;log={OPEN}&amp;log={SHOP}"
        in page.text
    )


async def test_pages_of_both_dates_that_end_at_the_same_place_differ_in_nothing(told: Desk) -> None:
    names = [f"N{number:03}" for number in range(60)]
    await record(told, "02-03", *(published(name) for name in names))
    path = f"/workbench/lists/listings?log={SHOP}&{TIMES}&known_at=2026-02-04&against=2026-02-05"
    first = await shown(told, path)
    second = await shown(told, next_of(first))
    counted = [page.text[page.text.index("Items") :].partition(" Log ")[0] for page in (first, second)]
    assert counted == [
        "Items on this page: 50. Different at the other date: 0. In all: count",
        "Items on this page: 14. Different at the other date: 0. In all: count",
    ]


async def test_what_is_said_of_a_whole_log_comes_at_once_or_later_by_the_same_page(desk: Desk) -> None:
    address = "/workbench/lists/completeness?as_of=2026-01-01"
    patient = await shown(desk, f"{address}&patient=true")
    assert patient.status == 200
    assert "Being worked out" not in patient.text
    soon = await shown(desk, address)
    assert soon.status == 200
    assert soon.text == patient.text or f"{address}&patient=true" in soon.links
