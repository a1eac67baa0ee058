"""Every system that the ledger was made for, one test each: two moments, two answers (domain.md 15.3).

What the scripted story leaves out is told by a short second one (`api/stories/seeds.ndjson`). Dates are Jakarta's.
"""

from collections.abc import AsyncGenerator

import pytest
from msgspec.json import encode

from api.story import read_seeds, read_story, tell
from api.systems import SYSTEMS, System
from ledger.server.embedded import EmbeddedServer
from tests.api.desk import Desk, Json, open_desk
from tests.conftest import copied_database

ZONE = "Asia/Jakarta"


@pytest.fixture(scope="module")
async def told(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk over a ledger that has heard the story and the seeds."""
    async with copied_database(server, template, test_clock=True) as database, open_desk(database) as opened:
        await tell(opened.service, read_story())
        await tell(opened.service, read_seeds())
        yield opened


async def items(desk: Desk, view: str, **query: Json) -> list[dict[str, Json]]:
    """Return the items of a list, as an operator sees them."""
    answer = await desk.get(f"/v1/{view}", who="operator", **{"tz": ZONE, **query})
    found: list[dict[str, Json]] = answer["items"]
    return found


async def said(desk: Desk, view: str, *names: str, **query: Json) -> list[Json]:
    """Return one member of each item, or a list of several."""
    found = await items(desk, view, **query)
    return [item.get(names[0]) if len(names) == 1 else [item.get(name) for name in names] for item in found]


async def count(desk: Desk, view: str, **query: Json) -> int:
    """Return how many items a list has."""
    answer = await desk.get(f"/v1/{view}", who="operator", count="true", **{"tz": ZONE, **query})
    found: int = answer["count"]
    return found


@pytest.mark.parametrize("system", SYSTEMS, ids=[system.name for system in SYSTEMS])
async def test_where_to_look_for_a_system_there_is_something(told: Desk, system: System) -> None:
    path = f"{system.request}&tz={ZONE}"
    assert (await told.get(path, who="operator"))["items"] != []


async def test_the_alliance_has_so_many_members_at_a_date(told: Desk) -> None:
    query = {"log": "alibaba", "body": "body:aaca", "status": "ACTIVE", "tz": "Asia/Shanghai"}
    assert await count(told, "memberships", as_of="2018-12-31", **query) == 121
    assert await count(told, "memberships", as_of="2019-12-31", **query) == 170


async def test_the_alliance_has_the_working_groups_it_formed_and_their_recommendations(told: Desk) -> None:
    async def groups(as_of: str) -> list[Json]:
        (found,) = await said(
            told, "bodies", "working_groups", log="aaca-secretariat", subject="body:aaca", as_of=as_of
        )
        return [group["industry"] for group in found]

    assert await groups("2018-12-31") == ["APPAREL"]
    assert await groups("2019-12-31") == ["APPAREL", "PHARMACEUTICALS"]
    query = {"subject": "body:aaca-wg-apparel"}
    assert await said(told, "bodies", "recommendations", as_of="2019-05-19", **query) == [None]
    ((recommended,),) = await said(told, "bodies", "recommendations", as_of="2019-05-21", **query)
    assert (recommended["ref"], recommended["due"]) == ("WG-APPAREL-2019-1", "2019-12-31")


async def test_the_committee_of_small_firms_met_a_year_before_the_press_said_and_once_too_few_in_2022(
    told: Desk,
) -> None:
    query = {"log": "public-record", "body": "body:aaca-smc", "state": "HELD", "as_of": "2020-12-31"}
    assert await said(told, "meetings", "meeting_no", "date", known_at="2021-10-02", **query) == []
    assert await said(told, "meetings", "meeting_no", "date", known_at="2021-10-06", **query) == [[1, "2020-09-24"]]
    own = {"log": "aaca-secretariat", "subject": "body:aaca-smc"}
    (in_2021,) = await items(told, "bodies", as_of="2021-12-31", **own)
    (in_2022,) = await items(told, "bodies", as_of="2022-12-31", **own)
    assert (in_2021["mandate"]["per_year"], in_2021["meetings_per_year"]) == (2, {"2021": 2})
    assert in_2022["meetings_per_year"] == {"2021": 2, "2022": 1}


async def test_the_sister_committee_in_china_was_announced_and_never_established(told: Desk) -> None:
    query = {"subject": "body:aaca-china-smc", "tz": "Asia/Shanghai"}
    assert await said(told, "bodies", "state", as_of="2020-09-27", **query) == []
    assert await said(told, "bodies", "state", as_of="2026-01-01", **query) == ["ANNOUNCED"]


async def test_a_right_is_recorded_then_validated_then_lapsed(told: Desk) -> None:
    query = {"subject": "ip_right:EUIPO:TRADEMARK:018000001"}
    days = ("2019-01-15", "2020-01-01", "2022-06-02")
    states = [await said(told, "ip-rights", "status", as_of=day, **query) for day in days]
    assert states == [["RECORDED"], ["VALIDATED"], ["LAPSED"]]


async def test_small_firms_notices_came_by_the_web_form_and_one_is_open(told: Desk) -> None:
    small = {"log": "alibaba", "size_class": ["MICRO", "SMALL", "MEDIUM"]}
    first = await items(told, "takedowns", as_of="2020-10-07", **small)
    later = await items(told, "takedowns", as_of="2020-10-31", **small)
    assert [(item["channel"], item["state"]) for item in first] == [("WEB_FORM", "ACTIONED")] * 2
    assert {item["channel"] for item in later} == {"WEB_FORM"}
    assert [len(later), sum(item["state"] == "RECEIVED" for item in later)] == [7, 1]


async def test_a_counter_notice_brings_a_listing_back_unless_somebody_went_to_law(told: Desk) -> None:
    prefix = "takedown_case:alibaba-ipp:"
    contested = {"log": "alibaba", "case": [f"{prefix}T02", f"{prefix}T09"]}
    assert await said(told, "takedowns", "state", as_of="2020-11-03", **contested) == ["FORWARDED", "MAINTAINED"]
    assert await said(told, "takedowns", "state", as_of="2020-11-05", **contested) == ["REVERSED", "MAINTAINED"]
    due = {"log": "alibaba", "rule": "CN-ECL-43", "subject": f"{prefix}T02"}
    assert await said(told, "deadlines", "status", as_of="2020-10-20", **due) == ["PENDING"]
    assert await said(told, "deadlines", "status", as_of="2020-11-03", **due) == ["MISSED"]


async def test_what_was_blocked_on_own_initiative_was_mostly_not_sold_yet_and_one_block_was_an_error(
    told: Desk,
) -> None:
    query = {"log": "alibaba-ipp", "subject_prefix": "listing:alibaba-ipp:V"}
    assert await said(told, "restrictions", "restriction_id", as_of="2021-03-10", **query) == ["R-V1", "R-V2", "R-V3"]
    assert await said(told, "restrictions", "restriction_id", as_of="2021-03-31", **query) == ["R-V1", "R-V2"]
    refused = {"log": "alibaba-ipp", "subject": "listing:alibaba-ipp:C-881"}
    assert await said(told, "listings", "lifecycle", as_of="2021-03-01", **refused) == []
    assert await said(told, "listings", "lifecycle", "visible", as_of="2021-03-31", **refused) == [["REFUSED", False]]


async def test_an_investigation_offline_leads_to_an_action_of_an_authority(told: Desk) -> None:
    query = {"log": "aaca-secretariat", "kind": "OFFLINE"}

    async def told_of(as_of: str) -> list[Json]:
        (item,) = await items(told, "investigations", as_of=as_of, **query)
        return [item["state"], [lead["state"] for lead in item["leads"]], item["values"]]

    assert await told_of("2021-03-31") == ["OPEN", ["REFERRED"], {}]
    assert await told_of("2021-07-31") == ["CLOSED", ["ACTION_REPORTED"], {"CNY": 130_000_000}]


async def test_a_right_holder_is_due_the_tier_by_the_threshold_in_force_and_kept_it_too_long(told: Desk) -> None:
    rules = {"subject": "policy:alibaba-ipp:good-faith", "tz": "Asia/Shanghai"}
    for day, version in (("2018-08-14", "2015"), ("2018-08-15", "2018")):
        (defined,) = await said(told, "policies", "rules", as_of=day, **rules)
        assert [rule["version"] for rule in defined if rule["in_force"]] == [version]
    names = ("tier_held", "tier_due", "mismatch")
    query = {"log": "alibaba-ipp", "notifier": "party:cyden"}
    assert await said(told, "notifiers", *names, as_of="2021-02-01", **query) == [
        [["GOOD_FAITH"], ["GOOD_FAITH"], False]
    ]
    assert await said(told, "notifiers", *names, as_of="2021-02-20", **query) == [[["GOOD_FAITH"], [], True]]
    assert await said(told, "notifiers", *names, as_of="2021-03-02", **query) == [[[], [], False]]
    bans = {"log": "alibaba", "status": "BANNED", "subject_prefix": "seller:taobao:", "as_of": "2020-09-24"}
    assert await count(told, "sellers", known_at="2020-10-02", **bans) == 151
    assert await count(told, "sellers", known_at="2020-12-02", **bans) == 150


async def test_a_seller_climbs_the_ladder_and_comes_back_under_another_account(told: Desk) -> None:
    query = {"log": "alibaba-ipp", "subject": "seller:alibaba-ipp:S9001"}
    names = ("status", "points", "serious_strikes")
    days = ("2021-03-01", "2021-03-20", "2021-04-01", "2021-04-11")
    assert [await said(told, "sellers", *names, as_of=day, **query) for day in days] == [
        [["ACTIVE", 0, 0]],
        [["SUSPENDED", 12, 3]],
        [["ACTIVE", 12, 3]],
        [["BANNED", 12, 3]],
    ]
    cluster = {"log": "alibaba-ipp", "as_of": "2021-08-01", "sanctioned": "true"}
    returned = ("accounts", "re_entered")
    assert await said(told, "recidivism", *returned, known_at="2021-08-31", **cluster) == [[1, False]]
    assert await said(told, "recidivism", *returned, known_at="2021-09-02", **cluster) == [[2, True]]


async def test_the_summits_were_held_in_three_cities(told: Desk) -> None:
    async def cities(as_of: str) -> list[Json]:
        (held,) = await said(told, "programmes", "activities", subject="programme:aaca-sme-summits", as_of=as_of)
        return [activity["place"] for activity in held]

    assert await cities("2019-06-30") == ["London"]
    assert await cities("2019-12-31") == ["London", "Madrid", "Rome"]


async def test_the_movement_is_announced_before_it_starts_and_its_rules_turn_out_to_be_older(told: Desk) -> None:
    programme = {"subject": "programme:gerakan-akar"}
    assert await said(told, "programmes", "state", as_of="2021-08-04", **programme) == ["ANNOUNCED"]
    assert await said(told, "programmes", "state", as_of="2021-09-02", **programme) == ["STARTED"]
    policy = {"subject": "policy:lazada-id:akar", "as_of": "2021-03-01"}
    assert await said(told, "policies", "rules_in_force", known_at="2021-08-04", **policy) == []
    (in_force,) = await said(told, "policies", "rules_in_force", known_at="2021-08-06", **policy)
    assert in_force == ["akar-craft", "akar-culinary"]


async def test_a_listing_of_a_closed_cluster_was_in_breach_as_far_as_was_known(told: Desk) -> None:
    query = {"log": "lazada-id", "cluster": "TEXTILE_FASHION", "as_of": "2021-09-01"}

    async def breaches(known_at: str) -> list[Json]:
        found = await said(told, "breaches", "subject", "status", "to", known_at=known_at, **query)
        return [[subject.rpartition(":")[2], status] for subject, status, to in found if to is None]

    undetermined = ["L10", "UNDETERMINED"]
    violating = [["L01", "VIOLATING"], undetermined, ["L11", "VIOLATING"]]
    assert await breaches("2021-09-02") == [*violating, ["L12", "VIOLATING"]]
    assert await breaches("2021-10-01") == violating


async def test_a_review_leads_to_a_new_version(told: Desk) -> None:
    query = {"subject": "policy:lazada-programmes:cross-border-access"}

    async def reviewed(as_of: str) -> list[Json]:
        (item,) = await items(told, "policies", as_of=as_of, **query)
        return [item["version_in_force"], [review["outcome"] for review in item.get("reviews", [])]]

    assert await reviewed("2021-06-01") == ["1", []]
    assert await reviewed("2021-07-31") == ["1", ["AMEND"]]
    assert await reviewed("2022-02-01") == ["2", ["AMEND", "UNCHANGED"]]


async def test_the_public_aim_is_announced_then_pursued(told: Desk) -> None:
    query = {"subject": "programme:import-substitution"}
    assert await said(told, "programmes", "state", as_of="2020-12-01", **query) == ["ANNOUNCED"]
    assert await said(told, "programmes", "state", as_of="2021-01-02", **query) == ["STARTED"]


async def test_a_figure_of_a_training_is_corrected_and_a_seller_it_brought_leaves_again(told: Desk) -> None:
    async def figures(**query: Json) -> list[Json]:
        (found,) = await said(told, "programmes", "metrics", subject="programme:lazada-umkm-training", **query)
        return [[metric["value"], metric["reference_time"], metric["method"]] for metric in found]

    method = "count of SellerOnboarded in the half-year"
    assert await figures(as_of="2021-07-15", known_at="2021-07-15") == [["1840", "2021-06-30", method]]
    assert await figures(as_of="2021-07-15", known_at="2021-07-21") == [["1480", "2021-06-30", method]]
    seller = {"subject": "seller:lazada-programmes:U1"}
    assert await said(told, "sellers", "status", "size_class", as_of="2021-04-01", **seller) == [["ACTIVE", "MICRO"]]
    assert await said(told, "sellers", "status", "size_class", as_of="2021-08-01", **seller) == [["CLOSED", "MICRO"]]


async def test_the_community_has_members_who_come_and_go(told: Desk) -> None:
    query = {"body": "body:komunitas-akar", "status": "ACTIVE"}
    days = ("2021-08-31", "2021-09-15", "2021-10-15", "2022-01-31")
    parties = [await said(told, "memberships", "party_id", as_of=day, **query) for day in days]
    assert parties == [[], ["party:umkm-1"], ["party:umkm-1", "party:umkm-2"], ["party:umkm-2"]]


async def test_a_listing_carries_the_label_from_its_grant_on(told: Desk) -> None:
    query = {"subject": "listing:lazada-programmes:T100"}
    label = {"mark": "X_SMESCO", "number": "SMESCO-2021-0042", "valid_to": "2022-10-03"}
    assert await said(told, "listings", "conformity", as_of="2021-09-30", **query) == [None]
    assert await said(told, "listings", "conformity", as_of="2021-10-31", **query) == [[label]]


async def test_a_shared_factory_starts_and_its_goods_get_their_permit(told: Desk) -> None:
    query = {"subject": "programme:rumah-produksi-bersama"}
    assert await said(told, "programmes", "state", as_of="2021-12-31", **query) == ["ANNOUNCED"]
    assert await said(told, "programmes", "state", as_of="2022-02-28", **query) == ["STARTED"]
    goods = {"subject": "listing:lazada-programmes:F200"}
    permit = {"mark": "BPOM", "number": "MD-2022-77", "valid_to": "2027-03-08"}
    assert await said(told, "listings", "conformity", as_of="2022-02-28", **goods) == [None]
    assert await said(told, "listings", "conformity", as_of="2022-03-31", **goods) == [[permit]]


async def test_the_reference_time_of_a_figure_is_disputed_and_both_are_kept(told: Desk) -> None:
    query = {"subject": "claim:kemenkop:msme-digitised"}
    (first,) = await items(told, "claims", known_at="2021-08-05", **query)
    (later,) = await items(told, "claims", known_at="2021-08-07", **query)
    assert [first["state"], first["reference_time"], first.get("disputes")] == ["PUBLISHED", "2020-12-31", None]
    assert [later["state"], later["reference_time"]] == ["DISPUTED", "2020-12-31"]
    assert [(one["disputed_field"], one["value"]) for one in later["disputes"]] == [("reference_time", "2021-05")]


async def test_a_law_is_replaced_and_an_order_under_it_climbs_the_ladder(told: Desk) -> None:
    replaced, law = "policy:id-permendag-50-2020", "policy:id-permendag-31-2023"
    query = {"subject": [replaced, law]}
    assert await said(told, "policies", "subject", "status", as_of="2023-09-25", **query) == [[replaced, "IN_FORCE"]]
    assert await said(told, "policies", "subject", "status", as_of="2023-09-26", **query) == [
        [law, "IN_FORCE"],
        [replaced, "REPEALED"],
    ]
    order = {"subject": "order:kemendag:PMSE-2024-7"}
    names = ("state", "step_number")
    found = [await said(told, "authority-orders", *names, as_of=day, **order) for day in ("2024-01-13", "2024-01-23")]
    assert found == [[["REFUSED", 0]], [["REFUSED", 2]]]


async def test_a_dispute_before_the_tribunal_is_decided_too_late(told: Desk) -> None:
    query = {"log": "bpsk", "rule": "ID-UUPK-55", "subject": "dispute:bpsk:D5"}
    names = ("due_on", "status")
    assert await said(told, "deadlines", *names, as_of="2021-11-01", **query) == [["2021-11-02", "PENDING"]]
    assert await said(told, "deadlines", *names, as_of="2021-11-05", **query) == [["2021-11-02", "MISSED"]]
    assert await said(told, "deadlines", *names, as_of="2021-11-09", **query) == [["2021-11-02", "MET_LATE"]]


async def test_the_project_names_other_countries_once_corrected_and_its_disputes_pass_the_stages(told: Desk) -> None:
    query = {"subject": "programme:unctad-odr", "as_of": "2021-06-30"}
    assert await said(told, "programmes", "countries", known_at="2021-09-29", **query) == [["MY", "TH"]]
    assert await said(told, "programmes", "countries", known_at="2021-10-01", **query) == [["ID", "TH"]]
    dispute = {"subject": "dispute:bpkn-odr:O1"}
    days = [f"2022-05-{day}" for day in ("01", "03", "08", "10", "18", "25")]
    stages = [await said(told, "disputes", "state", as_of=day, **dispute) for day in days]
    assert stages == [["FILED"], ["ADMITTED"], ["RESPONDED"], ["NEGOTIATION"], ["FACILITATION"], ["OUTCOME"]]


async def test_an_outcome_that_a_machine_proposed_and_nobody_reviewed_is_flagged(told: Desk) -> None:
    (used,) = await said(told, "disputes", "assistance", subject="dispute:bpkn-odr:O2", as_of="2022-06-07")
    assert [one["purpose"] for one in used] == ["TRANSLATION"]
    (used,) = await said(told, "disputes", "assistance", subject="dispute:bpkn-odr:O2", as_of="2022-06-30")
    assert [(one["purpose"], one.get("human_reviewed_by")) for one in used] == [
        ("TRANSLATION", "unit:case-office"),
        ("PROPOSAL", None),
    ]
    flagged = {"log": "bpkn-odr", "flag": "UNREVIEWED_AI_OUTCOME"}
    assert await said(told, "flags", "subject", as_of="2022-06-24", **flagged) == []
    assert await said(told, "flags", "subject", as_of="2022-06-30", **flagged) == ["dispute:bpkn-odr:O2"]


async def test_checkpoints_that_others_keep_are_on_record(told: Desk) -> None:
    async def anchored(as_of: str) -> list[Json]:
        (item,) = await items(told, "subject", subject="ledger:bpkn-odr", as_of=as_of)
        return [item["state"]["checkpoints"], item["state"]["checkpoint"]["tree_size"]]

    assert await anchored("2022-07-15") == [1, 22]
    assert await anchored("2022-08-15") == [2, 23]


async def test_an_agreement_signed_some_day_in_a_month_is_no_sure_basis_until_the_day_is_known(told: Desk) -> None:
    query = {"log": ["kca", "bpkn"], "as_of": "2021-10-16", "tz": ZONE}
    names = ("subject", "agreement_basis")
    assert await said(told, "referrals", *names, known_at="2021-09-30", **query) == [
        ["dispute:kca:D1", "IN_FORCE"],
        ["dispute:kca:D2", "UNDETERMINED"],
    ]
    assert await said(told, "referrals", *names, known_at="2021-10-16", **query) == [
        ["dispute:kca:D1", "IN_FORCE"],
        ["dispute:kca:D2", "NOT_IN_FORCE"],
    ]


async def test_seminars_are_held_under_a_cooperation(told: Desk) -> None:
    async def seminars(as_of: str) -> list[Json]:
        (held,) = await said(told, "agreements", "activities", subject="agreement:bpkn-giz", as_of=as_of)
        return [(activity["kind"], activity["date"]) for activity in held]

    first, second = ("SEMINAR", "2020-11-19"), ("SEMINAR", "2021-06-17")
    assert await seminars("2020-12-31") == [first]
    assert await seminars("2021-12-31") == [first, second]


async def test_a_negotiation_is_explored_and_is_in_force_at_no_date(told: Desk) -> None:
    query = {"subject": "agreement:bpkn-ukicc"}
    assert await said(told, "agreements", "status", as_of="2021-09-28", **query) == []
    assert await said(told, "agreements", "status", as_of="2021-10-05", **query) == ["NEGOTIATING"]


async def test_a_conference_is_scheduled_then_held_and_adopts_its_covenant(told: Desk) -> None:
    query = {"log": "public-record", "body": "body:unctad"}
    assert await said(told, "meetings", "start_date", known_at="2021-09-30", **query) == ["2021-10-04"]
    assert await said(told, "meetings", "start_date", known_at="2021-10-09", **query) == ["2021-10-03"]
    own = {"log": "unctad", "subject": "body:unctad"}
    assert await said(told, "bodies", "recommendations", as_of="2021-10-07", **own) == []
    ((adopted,),) = await said(told, "bodies", "recommendations", as_of="2021-10-08", **own)
    assert adopted["ref"] == "Bridgetown Covenant"


async def test_sellers_verified_that_day_are_fewer_once_more_is_known(told: Desk) -> None:
    query = {"log": "tiktok-shop-id", "verification": "VERIFIED", "status": "ACTIVE", "as_of": "2023-07-26"}
    assert await count(told, "sellers", known_at="2023-07-27", **query) == 2000
    assert await count(told, "sellers", known_at="2023-09-01", **query) == 1998


async def test_a_claim_about_every_seller_stands_until_a_counterexample_is_known(told: Desk) -> None:
    async def verdict(known_at: str) -> list[Json]:
        asked = {"claim": "claim:tiktok:c1-literal", "predicate_id": "P_VERIFIED_LOCAL_LITERAL"}
        body = {**asked, "as_of": "2023-07-26", "known_at": known_at, "tz": ZONE}
        response = await told.ask("POST", "/v1/claims/evaluations", who="operator", content=encode(body))
        assert response.status_code in {200, 201}, response.text
        found = response.json()
        return [found["verdict"], found["counterexamples_n"]]

    assert await verdict("2023-07-27") == ["NOT_FALSIFIED", 0]
    assert await verdict("2023-09-01") == ["FALSIFIED", 2]


async def test_a_count_is_declared_and_the_ledgers_own_reaches_it_late(told: Desk) -> None:
    query = {"log": "tiktok-services", "kind": "PERIOD"}
    assert await said(told, "completeness", "status", known_at="2023-08-03", **query) == ["INCOMPLETE"]
    assert await said(told, "completeness", "status", known_at="2023-08-21", **query) == ["COMPLETE"]
    claimed = {"subject": "claim:tiktok:seller-count"}
    assert await said(told, "claims", "value", as_of="2023-07-26", **claimed) == ["2000000"]
    assert await count(told, "sellers", log="tiktok-shop-id", as_of="2023-07-26") == 2001


async def test_a_feature_is_offered_elsewhere_and_what_was_asked_about_it_is_not_answered(told: Desk) -> None:
    feature = {"log": "public-record", "feature": "PROJECT_S"}
    names = ("country", "status")
    assert await said(told, "services", *names, as_of="2023-06-30", **feature) == []
    active, not_offered = ["GB", "ACTIVE"], ["ID", "NOT_OFFERED"]
    assert await said(told, "services", *names, as_of="2023-08-01", **feature) == [active, not_offered]
    asked = {"log": "kemenkop-ukm", "addressee": "platform:tiktok-shop-id"}
    assert await said(told, "information-requests", "status", as_of="2023-08-20", **asked) == ["OPEN"]
    assert await said(told, "information-requests", "status", as_of="2023-09-12", **asked) == ["OVERDUE"]
    inquiry = {"subject": "investigation:kemenkop-ukm:project-s"}
    assert await said(told, "investigations", "state", as_of="2023-09-12", **inquiry) == ["OPEN"]
    assert await said(told, "investigations", "state", "result", as_of="2023-12-01", **inquiry) == [
        ["CLOSED", "not established"]
    ]


async def test_a_social_network_stops_taking_payments_and_resumes(told: Desk) -> None:
    query = {"log": "tiktok-services", "service": "CHECKOUT"}
    instants = ("2023-10-04T09:59:59Z", "2023-10-04T10:00:00Z", "2023-12-12T05:00:00Z")
    states = [await said(told, "services", "suspended", as_of=instant, **query) for instant in instants]
    assert states == [[], [True], [False]]


async def test_one_task_force_stays_announced_and_another_is_established_with_powers(told: Desk) -> None:
    query = {"kind": "TASK_FORCE"}
    names = ("subject", "state")
    announced = ["body:satgas-umkm", "ANNOUNCED"]
    assert await said(told, "bodies", *names, as_of="2023-07-26", **query) == [announced]
    assert await said(told, "bodies", *names, as_of="2024-07-10", **query) == [
        announced,
        ["body:satgas-impor-ilegal", "ANNOUNCED"],
    ]
    (_, established) = await items(told, "bodies", as_of="2024-07-18", **query)
    assert established["state"] == "ESTABLISHED"
    assert established["mandate"]["powers"] == ["inspect warehouses", "ask platforms for sellers' data"]


async def test_two_ministries_order_something_of_the_same_listing(told: Desk) -> None:
    query = {"addressee": "platform:tiktok-social-id"}
    names = ("log", "kind", "targets")
    target = [{"listing_id": "listing:tiktok-services:K1"}]
    first = ["kemendag", "CORRECT", target]
    assert await said(told, "authority-orders", *names, as_of="2024-01-08", **query) == [first]
    assert await said(told, "authority-orders", *names, as_of="2024-01-09", **query) == [
        first,
        ["kominfo", "TAKEDOWN", target],
    ]
