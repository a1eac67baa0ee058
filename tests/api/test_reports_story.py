"""The reports of the demonstration's story: the figures that domain.md 14.3 names, by their ids there."""

from collections.abc import AsyncGenerator, Sequence

import httpx
import pytest

from api.app import make_app
from api.service import service_over
from api.story import read_story, tell
from ledger.server.embedded import EmbeddedServer
from ledger.tokens import create_token
from tests.api.asking import Row
from tests.api.desk import Desk, Json
from tests.api.reporting import members_of
from tests.conftest import copied_database

SHANGHAI, JAKARTA = "Asia/Shanghai", "Asia/Jakarta"


@pytest.fixture(scope="module")
async def told(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk over a ledger to which the story was told."""
    async with copied_database(server, template, test_clock=True) as database, service_over(database) as service:
        await tell(service, read_story())
        token = await create_token(database.pool("keeper"), "operator", [], None)
        transport = httpx.ASGITransport(app=make_app(service))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
            yield Desk(service, client, {"operator": token})


async def rows(told: Desk, report: str, section: str, names: Sequence[str], tz: str, **asked: Json) -> list[Row]:
    """Return these members of every row of a report's section."""
    answer = await told.get(f"/v1/reports/{report}", who="operator", tz=tz, section=section, **asked)
    return [members_of(row, names) for row in answer["sections"][section]]


async def test_a12_small_firms_wait_21_hours_and_large_ones_6(told: Desk) -> None:
    names = ("by", "value", *(f"time_to_action.{name}" for name in ("n", "median", "p90", "n_open")))
    found = await rows(told, "transparency", "notices", names, SHANGHAI, log="alibaba", known_at="2020-10-31")
    assert [row[1:] for row in found if row[0] == "firm"] == [("LARGE", 5, "6", "26", 0), ("SME", 6, "21", "50", 1)]


async def test_a09_of_150_bans_3_were_reversed_and_one_more_was_void(told: Desk) -> None:
    async def bans(known_at: str) -> list[Row]:
        names = ("value", "reversal_rate.numerator", "reversal_rate.denominator")
        found = await rows(told, "transparency", "measures", names, SHANGHAI, log="alibaba", known_at=known_at)
        return [row for row in found if row[0] == "BANNED"]

    assert await bans("2020-10-02") == [("BANNED", 0, 151)]
    assert await bans("2020-12-02") == [("BANNED", 3, 150)]
    names = ("kind", "reason", "decision", "n")
    voids = await rows(told, "integrity", "corrections", names, SHANGHAI, log="alibaba", known_at="2020-12-02")
    assert voids == [("VOID", "WRONG_SUBJECT", "true", 1)]


async def test_a01_to_a05_members_and_brands_grow_as_was_said(told: Desk) -> None:
    names = ("month", "members_certain", "members_possible", "brands_certain")
    found = {row[0]: row[1:] for row in await rows(told, "alliance", "growth", names, SHANGHAI, body="body:aaca")}
    assert [found[month][0] for month in ("2017-01", "2018-12", "2019-12", "2020-09")] == [30, 121, 170, 181]
    assert found["2020-09"][2] == 598
    early = await rows(told, "alliance", "growth", names, SHANGHAI, body="body:aaca", as_of="2017-01-20")
    assert early == [("2017-01", 20, 30, 0)]


async def test_a10_and_a11_the_committee_met_a_year_earlier_than_the_press_said(told: Desk) -> None:
    async def met(known_at: str) -> list[Row]:
        names = ("year", "attendees", "dates")
        asked = {"body": "body:aaca-smc", "known_at": known_at}
        return await rows(told, "alliance", "meetings", names, SHANGHAI, **asked)

    assert await met("2021-10-02") == [("2021", 17, ["2021-09-30"])]
    assert await met("2021-10-06") == [("2020", 17, ["2020-09-24"])]


async def test_a16_and_a17_closed_on_paper_and_visible_in_the_shop(told: Desk) -> None:
    async def breaches(known_at: str) -> list[Row]:
        names = ("cluster", "status", "members", "breach_listing_days")
        day = dict.fromkeys(("from", "to", "as_of"), "2021-09-01")
        found = await rows(
            told, "policy-compliance", "breaches", names, JAKARTA, log="lazada-id", known_at=known_at, **day
        )
        return [row for row in found if row[0] in ("TEXTILE_FASHION", "UNKNOWN")]

    unknown = ("TEXTILE_FASHION", "UNDETERMINED", 1, 1)
    assert await breaches("2021-09-02") == [unknown, ("TEXTILE_FASHION", "VIOLATING", 3, 3)]
    assert await breaches("2021-10-01") == [unknown, ("TEXTILE_FASHION", "VIOLATING", 2, 2)]


async def test_a22_and_a23_one_referral_had_no_agreement_and_one_case_was_decided_late(told: Desk) -> None:
    async def without(known_at: str) -> list[Row]:
        names = ("agreement_basis", "n")
        return await rows(told, "odr", "referrals", names, JAKARTA, as_of="2021-12-31", known_at=known_at)

    assert await without("2021-09-30") == [("IN_FORCE", 1), ("UNDETERMINED", 1)]
    assert await without("2021-10-16") == [("IN_FORCE", 1), ("NOT_IN_FORCE", 1)]
    names = ("rule", "of", "met_late", "lag.values")
    late = await rows(told, "odr", "deadlines", names, JAKARTA, as_of="2021-12-31")
    assert [row for row in late if row[0] == "ID-UUPK-55" and row[2]] == [("ID-UUPK-55", "bpsk", 1, ["134"])]


async def test_a24_to_a26_one_hundred_per_cent_until_august(told: Desk) -> None:
    async def dossier(known_at: str, section: str, *names: str) -> list[Row]:
        asked = {"claim": "claim:tiktok:c1-literal", "as_of": "2023-07-26", "known_at": known_at}
        return await rows(told, "claim-dossier", section, names, JAKARTA, **asked)

    literal, strict = "P_VERIFIED_LOCAL_LITERAL", "P_VERIFIED_LOCAL_STRICT"
    judged = ("predicate_id", "verdict", "population_n", "counterexamples_n", "coverage")
    assert await dossier("2023-07-27", "readings", *judged) == [
        (literal, "NOT_FALSIFIED", 2000, 0, "0.001"),
        (strict, "FALSIFIED", 2000, 2, "0.001"),
    ]
    assert await dossier("2023-09-01", "readings", *judged) == [
        (literal, "FALSIFIED", 2000, 2, "0.001"),
        (strict, "FALSIFIED", 2000, 4, "0.001"),
    ]
    named = ("predicate_id", "subject", "truth")
    foreign = [(strict, f"seller:tiktok-shop-id:{name}", "FALSE") for name in ("TT0104", "TT0105")]
    assert await dossier("2023-07-27", "counterexamples", *named) == foreign
    forged = [(literal, f"seller:tiktok-shop-id:{name}", "FALSE") for name in ("TT0001", "TT0002")]
    assert (await dossier("2023-09-01", "counterexamples", *named))[:2] == forged


async def test_a31_the_outcomes_stand_after_a_claimant_was_erased(told: Desk) -> None:
    names = ("outcomes", "filed")
    found = await rows(told, "odr", "corridors", names, JAKARTA, as_of="2021-12-31")
    assert found[0] == ({"DECIDED_FOR_CLAIMANT": 2, "SETTLED": 1}, 5)
    subjects = await rows(told, "integrity", "data_subjects", ("log", "status", "subjects"), JAKARTA)
    assert subjects == [("kca", "ERASED", 1)]
