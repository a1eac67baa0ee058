"""The list of corrections and voids: what each changed, why, and who approved it."""

from tests.api.desk import OPEN, SHOP, Desk, Event, Json, block, corrected, event, filed, published, voided

LISTING = "listing:shop:A"
DISPUTE = "dispute:forum:D1"


async def corrections(desk: Desk, **query: Json) -> list[dict[str, Json]]:
    """Return the items."""
    found: list[dict[str, Json]] = (await desk.get("/v1/corrections", **query))["items"]
    return found


async def test_a_correction_says_what_was_known_before_and_after_of_what_it_sets(desk: Desk) -> None:
    await desk.tell(block("A", "R1", "2026-01-10T03:00:00Z", decision_facts="fake", extra={"a": 1, "b": 2}))
    change: Event = {
        "time": "2026-01-09T17:00:00Z",
        "timelatest": "2026-01-10T16:00:00Z",
        "timeprecision": "DAY",
        "data": {"decision_facts": None, "category_specification": [], "extra": {"b": 3}},
    }
    correction = corrected("c1", LISTING, "block-A-R1", **change)
    correction["data"] |= {"approved_by": "officer-1", "source": "court record", "reason_code": "SOURCE_ERROR"}
    (receipt,) = await desk.tell(correction)
    await desk.tell(corrected("c2", LISTING, "block-A-R1", timeprecision="MONTH"))
    first, second = await corrections(desk)
    assert first == {
        "log": SHOP,
        "subject": LISTING,
        "id": "c1",
        "kind": "CORRECTION",
        "target": "block-A-R1",
        "target_type": "ListingBlocked",
        "decision": True,
        "reason": "SOURCE_ERROR",
        "approved_by": "officer-1",
        "source": "court record",
        "recordedtime": first["recordedtime"],
        "position": 1,
        "before": {
            "time": "2026-01-10T03:00:00.000000Z",
            "timelatest": None,
            "timeprecision": "INSTANT",
            "data": {"decision_facts": "fake", "category_specification": None, "extra": {"b": 2}},
        },
        "after": {
            "time": "2026-01-09T17:00:00.000000Z",
            "timelatest": "2026-01-10T16:00:00.000000Z",
            "timeprecision": "DAY",
            "data": {"decision_facts": None, "category_specification": [], "extra": {"b": 3}},
        },
    }
    assert first["recordedtime"][:19] == receipt["recordedtime"][:19]
    assert (second["before"], second["after"]) == ({"timeprecision": "DAY"}, {"timeprecision": "MONTH"})


async def test_a_void_shows_the_whole_event_as_it_was_known_and_nothing_after_it(desk: Desk) -> None:
    await desk.tell(published("A", title="Batik"))
    await desk.tell(corrected("c1", LISTING, "pub-A", data={"title": "Batik tulis"}))
    await desk.tell(voided("v1", LISTING, "pub-A"))
    (_, void) = await corrections(desk)
    assert (void["kind"], void["target_type"], void["decision"], void["after"]) == (
        "VOID",
        "ListingPublished",
        False,
        None,
    )
    assert void["before"] == {
        "time": "2026-01-05T00:00:00.000000Z",
        "timelatest": None,
        "timeprecision": "INSTANT",
        "timezone": "Asia/Jakarta",
        "data": {"title": "Batik tulis"},
    }


async def test_personal_values_before_and_after_are_masked(desk: Desk) -> None:
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", claimant_name="Aminah"))
    await desk.tell(corrected("c1", DISPUTE, "filed-D1", data={"claimant_name": "Aminah Siti"}))
    await desk.tell(voided("v1", DISPUTE, "filed-D1"))
    for media in ("application/json", "application/x-ndjson", "text/csv"):
        response = await desk.ask("GET", "/v1/corrections", headers={"Accept": media})
        assert "enc:" not in response.text
        assert "Aminah" not in response.text
    correction, void = await corrections(desk)
    assert correction["before"] == correction["after"] == {"data": {"claimant_name": "[MASKED]"}}
    assert void["before"]["data"]["claimant_name"] == "[MASKED]"


async def test_corrections_are_filtered_counted_and_listed_for_those_who_know_of_them(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"), event("reg", "SellerRegistered", "seller:shop:S"))
    await desk.tell(corrected("c1", LISTING, "block-A-R1", data={"decision_facts": "x"}))
    await desk.tell(voided("v1", LISTING, "block-A-R1"))
    await desk.tell(corrected("c2", "seller:shop:S", "reg", data={"store_kind": "MALL"}))
    await desk.tell(published("B"), log=OPEN)
    await desk.tell(voided("v2", "listing:shop:B", "pub-B"), log=OPEN)

    async def ids(**query: Json) -> list[Json]:
        return [item["id"] for item in await corrections(desk, **query)]

    assert await ids() == ["c1", "v1", "c2", "v2"]
    assert await ids(log=SHOP) == ["c1", "v1", "c2"]
    assert await ids(target="block-A-R1") == ["c1", "v1"]
    assert await ids(kind="VOID") == ["v1", "v2"]
    assert await ids(reason="CLERICAL", kind="CORRECTION") == ["c1", "c2"]
    assert await ids(reason="FRAUD") == []
    assert await ids(subject_prefix="seller:") == ["c2"]
    assert await ids(size=[f"{SHOP}:4", f"{OPEN}:1"]) == ["c1"]
    # They change what is known of any date, so the date that is asked about leaves none out.
    assert await ids(as_of="2020-01-01T00:00:00Z") == ["c1", "v1", "c2", "v2"]
    assert (await desk.get("/v1/corrections", count="true"))["count"] == 4
    page = await desk.get("/v1/corrections", limit=3)
    rest = await desk.get("/v1/corrections", limit=3, cursor=page["next"])
    assert [item["id"] for item in page["items"] + rest["items"]] == ["c1", "v1", "c2", "v2"]
    assert rest["next"] is None
