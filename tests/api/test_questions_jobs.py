"""Section 12's questions that jobs and packs answer: Q45, Q49, Q50; and what made the difference that Q2 shows."""

import hashlib
from pathlib import Path

import msgspec

from ledger.tokens import create_token
from tests.api.asking import ZONE, day, on, record
from tests.api.desk import SHOP, Desk, Json, block, corrected, event, filed, outcome, published
from tests.api.packing import unpacked, verified
from tests.api.working import lines_of, result_of, worked

Cause = tuple[Json, ...]


async def told(desk: Desk) -> None:
    """Tell of three listings by 12 January, of a block that is recorded late, and of a title that was wrong."""
    await record(
        desk,
        "01-10",
        published("L1", on("01-05")),
        published("L2", on("01-05"), title="Sarung"),
        published("L3", on("01-05")),
    )
    await record(desk, "01-20", block("L1", "R1", on("01-11")))
    await record(desk, "01-21", corrected("fix", "listing:shop:L2", "pub-L2", data={"title": "Kain"}))


def causes(lines: list[dict[str, Json]]) -> list[Cause]:
    """Return of each difference its subject, and each event with its cause and what corrected it."""
    return [
        (line["subject"], one["id"], one["cause"], one["late"], [change["id"] for change in one["corrections"]])
        for line in lines
        for one in line["events"]
    ]


LATE: Cause = ("listing:shop:L1", "block-L1-R1", "RECORDED", True, [])
WRONG: Cause = ("listing:shop:L2", "pub-L2", "CORRECTED", False, ["fix"])


async def test_what_a_regulator_could_have_known_then_differs_from_today_by_events_that_are_named(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await told(desk)
    asked: Json = {"as_of": day("01-12"), "known_at": day("01-12"), "tz": ZONE, "logs": [SHOP]}
    job = await worked(desk, "/v1/diffs", asked)
    assert causes(await lines_of(desk, job)) == [LATE, WRONG]
    between = await worked(desk, "/v1/diffs", {**asked, "and_known_at": day("01-20")})
    assert causes(await lines_of(desk, between)) == [LATE]


async def test_q45_which_answers_given_to_a_regulator_would_be_different_today_and_why(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await told(desk)
    keeper = desk.service.database.pool("keeper")
    await desk.service.audit.log()
    regulator = await create_token(keeper, "REGULATOR", [SHOP, "audit"], None)
    desk.tokens = {**desk.tokens, "regulator": regulator}
    for known_at, prefix in (("01-12", "listing:shop:L1"), ("01-20", "listing:shop:L1"), ("01-20", "listing:shop:L2")):
        asked: Json = {"as_of": day("01-12"), "known_at": day(known_at), "tz": ZONE, "logs": [SHOP]}
        await worked(desk, "/v1/replays", {**asked, "subject_prefix": prefix}, "regulator")

    async def different() -> list[list[Cause]]:
        given = await desk.get("/v1/logs/audit/events", who="regulator", type="ReplayExecuted")
        manifests = [item["data"]["manifest"] for item in given["items"] if "and" not in item["data"]["manifest"]]
        jobs = [await worked(desk, "/v1/diffs", {"manifest": manifest}, "regulator") for manifest in manifests]
        return [causes(await lines_of(desk, job, "regulator")) for job in jobs]

    assert await different() == [[LATE], [], [WRONG]]
    await record(desk, "01-25", corrected("fix2", "listing:shop:L1", "block-L1-R1", time=on("01-13")))
    assert await different() == [[], [(*LATE[:2], "CORRECTED", False, ["fix2"])], [WRONG]]


async def test_q49_the_evidence_pack_of_a_case_with_proofs_of_inclusion_under_a_checkpoint(
    clocked_desk: Desk, tmp_path: Path
) -> None:
    desk = clocked_desk
    case = "dispute:forum:D1"
    await record(desk, "01-10", filed("D1", on("01-05")))
    await record(desk, "01-12", published("L1", on("01-04")), published("L2", on("01-04")))
    size = await desk.size()
    note = (await desk.ask("GET", f"/v1/logs/{SHOP}/events/pub-L2/proof", who="operator")).text.partition("\n\n")[2]
    await record(desk, "01-20", outcome("D1", on("01-15")))

    async def pack(folder: Path, **query: Json) -> tuple[list[str], int]:
        response = await desk.ask("GET", "/v1/packs", who="operator", subject=case, log=SHOP, **query)
        assert response.status_code == 200, response.text
        unpacked(response.content, folder)
        key = (await desk.get(f"/v1/logs/{SHOP}", who="operator"))["key"]
        assert verified(folder, key).code == 0
        listed = msgspec.json.decode((folder / "pack.json").read_bytes())
        return [one["id"] for one in listed["events"]], listed["logs"][SHOP]["size"]

    assert await pack(tmp_path / "then", size=f"{SHOP}:{size}") == (["filed-D1"], size)
    assert (tmp_path / "then/logs/shop/checkpoint").read_text() == note
    assert await pack(tmp_path / "now") == (["filed-D1", "outcome-D1-1"], size + 1)


async def test_q50_the_whole_state_of_a_tenant_at_a_date_byte_for_byte_as_it_was_reconstructed_before(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await told(desk)
    asked: Json = {"as_of": day("01-12"), "known_at": day("01-20"), "tz": ZONE, "logs": [SHOP]}
    before = await worked(desk, "/v1/replays", asked)
    content = await result_of(desk, before)
    assert [line["subject"] for line in await lines_of(desk, before)] == [f"listing:shop:L{n}" for n in (1, 2, 3)]
    await record(desk, "02-10", event("gone", "ListingWithdrawn", "listing:shop:L3", on("01-08")))
    again = await worked(desk, "/v1/replays", {"manifest": before["result"]["manifest"]})
    assert await result_of(desk, again) == content
    assert (again["result"]["reproduces"], again["result"]["sha256"]) == (True, hashlib.sha256(content).hexdigest())
    other = await worked(desk, "/v1/replays", {**asked, "known_at": day("02-10")})
    assert await result_of(desk, other) != content
