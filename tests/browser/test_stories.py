"""The six stories of domain.md 14.4, by somebody who only clicks and types, and reads the answers off the page.

Each is held against the scenario's own answers, and against the API's answer to the call that the page links to.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Page, expect

from tests import stories
from tests.browser.reading import Reader, short_ids

ANSWERS: dict[str, Any] = {
    one["id"]: one["expected"]
    for one in msgspec.json.decode(Path(stories.__file__).with_name("expected.json").read_bytes())
}
JAKARTA, SHANGHAI = "Asia/Jakarta", "Asia/Shanghai"
FINDINGS = ("VIOLATING", "UNDETERMINED")
VERDICTS = """(part) => {
  const found = {}, words = (one) => one.innerText.trim();
  let reading;
  for (const one of part.children) {
    if (one.matches("h3")) reading = found[words(one.querySelector(".faint"))] = { figures: [], members: [] };
    if (one.matches(".figures")) reading.figures = [...one.querySelectorAll("strong")].map(words);
    if (one.matches(".table")) reading.members = [...one.querySelectorAll("tbody th")].map(words);
  }
  return found;
}"""
"""The figures of each reading of a claim, and its counterexamples."""


@pytest.fixture
async def reader(page: Page) -> Reader:
    """Return somebody who has signed in and sees the overview."""
    await page.goto("/")
    return Reader(page)


async def open_list(reader: Reader, name: str, **times: str) -> None:
    """Come from any page to a list, at these times."""
    await reader.click("Time machine", within="nav")
    await reader.ask(**times)
    await reader.click(name, within="#answer")


async def test_the_committee_had_met_a_year_before_the_press_said(reader: Reader) -> None:
    await open_list(reader, "Meetings", as_of="2020-12-31", known_at="2021-10-02", tz=SHANGHAI)
    met: list[bool] = []
    for known_at in ("2021-10-02", "2021-10-06"):
        await reader.ask(known_at=known_at, body="body:aaca-smc", state="HELD")
        rows = await reader.rows()
        met.append([row["number"] for row in rows] == ["1"])
        assert [(row["Subject"], row["attended"]) for row in rows] == [
            (item["subject"], str(item["attendee_count"])) for item in await reader.items()
        ]
    assert met == ANSWERS["A10"]

    attendees, industries, date = ANSWERS["A11"]
    (meeting,) = await reader.rows()
    assert (meeting["attended"], meeting["date"]) == (str(attendees), "24 Sep 2020")
    (item,) = await reader.items()
    assert (item["attendee_count"], len(item["industries"]), item["date"]) == (attendees, industries, date)
    await reader.ask(against="2021-10-02")
    causes = await reader.page.locator(".causes").inner_text()
    assert "CORRECTED" in causes
    assert "smc-meet1" in causes


async def breaches(reader: Reader, **asked: str) -> list[list[str]]:
    """Return the listings against the rule, and those of which that cannot be said, as page and API agree on them."""
    await reader.ask(**asked)
    rows = [(row["status"], row["Subject"]) for row in await reader.rows()]
    assert rows == [(item["status"], item["subject"]) for item in await reader.items()]
    return [short_ids([subject for status, subject in rows if status == finding]) for finding in FINDINGS]


async def test_closed_on_paper_and_visible_in_the_shop(reader: Reader) -> None:
    await open_list(reader, "Breaches of rules", as_of="2021-09-01", known_at="2021-09-02", tz=JAKARTA)
    akar = {"policy": "policy:lazada-id:akar", "log": "lazada-id"}
    textile = {**akar, "rule": "akar-textile_fashion"}
    assert await breaches(reader, **textile) == ANSWERS["A16"]
    assert await breaches(reader, known_at="2021-10-01") == ANSWERS["A17"]
    assert await breaches(reader, rule="") == ANSWERS["A18"]
    july = [
        await breaches(reader, rule=textile["rule"], as_of="2021-07-15", known_at=f"2021-08-0{day}") for day in (4, 6)
    ]
    assert july == ANSWERS["A19"]


async def held_against(reader: Reader, predicate: str, **times: str) -> list[Any]:
    """Return how many sellers a claim was held against and who contradicts it, as page and API agree on them."""
    await reader.ask(**times)
    page: dict[str, Any] = (await reader.page.locator("#verdicts").evaluate(VERDICTS))[predicate]
    asked, contradicting = (int(figure.replace(",", "")) for figure in page["figures"][:2])
    (link,) = await reader.links("#verdicts")
    sections = (await reader.answer(link))["sections"]
    (reading,) = [one for one in sections["readings"] if one["predicate_id"] == predicate]
    members = [one["subject"] for one in sections["counterexamples"] if one["predicate_id"] == predicate]
    assert (asked, contradicting) == (reading["population_n"], reading["counterexamples_n"])
    assert page["members"] == members
    return [asked, short_ids(page["members"])]


async def test_one_hundred_per_cent_until_august(reader: Reader) -> None:
    await reader.click("Claims", within="nav")
    await reader.click(
        "100% of sellers have a registered local entity or are local micro-entrepreneurs verified by KTP/passport"
    )
    literal, strict = "P_VERIFIED_LOCAL_LITERAL", "P_VERIFIED_LOCAL_STRICT"
    day = {"as_of": "2023-07-26", "tz": JAKARTA}
    assert await held_against(reader, literal, **day, known_at="2023-07-27") == ANSWERS["A24"]
    assert await held_against(reader, strict) == ANSWERS["A26"]
    assert await held_against(reader, literal, known_at="2023-09-01") == ANSWERS["A25"]


async def test_no_goods_from_abroad_but_three_of_ten_made_there(reader: Reader) -> None:
    await reader.click("Claims", within="nav")
    await reader.click("does not sell goods from abroad (headline paraphrase)")
    await reader.page.locator("main select[name=log]").select_option("tiktok-shop-id")
    await reader.page.locator("main").get_by_role("button").click()
    await expect(reader.page.locator("h1")).to_have_text("Listings")

    rows, items = await reader.rows(), await reader.items()
    assert [row["Subject"] for row in rows] == [item["subject"] for item in items]
    places = ("ship_from_country", "goods_origin_country")
    counted = [len(items), *(sum(item.get(place, "ID") != "ID" for item in items) for place in places)]
    columns = ("ships from", "made in")
    read = [len(rows), *(sum(row[column] not in {"ID", "—"} for row in rows) for column in columns)]
    assert read == counted == ANSWERS["A27"]


async def standing(reader: Reader, agreement: str, **times: str) -> str:
    """Return whether an agreement is in force: what possibly is and not certainly is undetermined."""
    found: list[bool] = []
    for certainty in ("", "POSSIBLE"):
        await reader.ask(subject=agreement, status="IN_FORCE", certainty=certainty, **times)
        rows = await reader.rows()
        assert [row["Subject"] for row in rows] == [item["subject"] for item in await reader.items()]
        found.append(rows != [])
    return {(True, True): "IN_FORCE", (False, True): "UNDETERMINED", (False, False): "NOT_IN_FORCE"}[found[0], found[1]]


async def test_an_agreement_one_cannot_yet_rely_on(reader: Reader) -> None:
    kca, ukicc = "agreement:bpkn-kca", "agreement:bpkn-ukicc"
    await open_list(reader, "Agreements", as_of="2021-08-10", known_at="2021-09-30", tz=JAKARTA)
    august = [
        await standing(reader, kca, as_of="2021-08-10", known_at=known_at) for known_at in ("2021-09-30", "2021-10-16")
    ]
    assert august == ANSWERS["A20"]
    later = [
        await standing(reader, kca, as_of="2021-09-10", known_at=""),
        await standing(reader, ukicc, as_of="2021-10-05", known_at=""),
    ]
    assert later == ANSWERS["A21"]

    await open_list(reader, "Referrals", as_of="", known_at="2021-10-16", tz=JAKARTA)
    await reader.ask(agreement_basis="NOT_IN_FORCE")
    referred = sorted({row["Subject"] for row in await reader.rows()})
    assert referred == sorted({item["subject"] for item in await reader.items()}) == ANSWERS["A22"]


async def test_small_firms_wait_21_hours_and_large_ones_6(reader: Reader) -> None:
    await reader.click("Durations", within="nav")
    await reader.ask(as_of="2020-10-31", known_at="2020-10-31", tz=SHANGHAI)
    rows = {row["Group"]: row for row in await reader.rows("#takedowns table")}
    read = {
        group: {
            "n": int(rows[group]["Over"]),
            "median_h": float(rows[group]["Median (hours)"]),
            "p90_nearest_rank_h": float(rows[group]["9 of 10 within (hours)"]),
            "open": int(rows[group]["Open"]),
        }
        for group in ("SME", "LARGE")
    }
    (link,) = await reader.links("#takedowns")
    groups = (await reader.answer(link))["sections"]["notices"]
    times = {one["value"]: one["time_to_action"] for one in groups if one["by"] == "firm"}
    counted = {
        name: {
            "n": time["n"],
            "median_h": float(time["median"]),
            "p90_nearest_rank_h": float(time["p90"]),
            "open": time["n_open"],
        }
        for name, time in times.items()
    }
    assert read == counted == ANSWERS["A12"]
