"""The page of an event: what it says to whom, what was corrected, its proof, and what leads on from it."""

import pytest

from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.desk import OPEN, SHOP, Desk, block, corrected, event, published, voided
from tests.api.page import shown

BLOCK = f"/workbench/events/{SHOP}/block-L1-R1"
PERSON = "subject:claimant-1"


@pytest.fixture(scope="module")
async def told(shared_desk: Desk) -> Desk:
    """Return a desk that knows of a block, corrected, of another, voided, and of a dispute with a claimant's name."""
    subject = "listing:shop:L1"
    await shared_desk.tell(
        published("L1", seller_id="seller:shop:S1"),
        block("L1", "R1", decision_facts="Bears the mark without licence."),
        block("L1", "R2"),
        corrected("fix-1", subject, "block-L1-R1", time="2026-01-09T03:00:00Z"),
        voided("void-1", subject, "block-L1-R2"),
        event("filed-D1", "DisputeFiled", "dispute:shop:D1", claimant_kind="CONSUMER", claimant_name="Siti Aminah",
              claimant_subject_id=PERSON),
    )  # fmt: skip
    return shared_desk


async def test_an_event_is_told_in_words_with_its_times_its_author_its_data_and_its_place(told: Desk) -> None:
    page = await shown(told, f"/workbench/events/{SHOP}/pub-L1")
    assert page.status == 200
    for said in (
        "Event pub-L1", "ListingPublished : A listing went live.", "Took effect 5 Jan 2026, 00:00:00 UTC",
        "PLATFORM_WRITER, token", "entry 0 (the first one is 0); version 1", "seller_id seller:shop:S1",
        f"This is entry 0 of the log {SHOP}.", "Verify in this browser", "Exactly what was recorded",
    ):  # fmt: skip
        assert said in page.text
    assert {
        "/workbench/subject?subject=listing%3Ashop%3AL1",
        "/workbench/subject?subject=seller%3Ashop%3AS1",
        f"/v1/logs/{SHOP}/events/pub-L1",
        f"/v1/logs/{SHOP}/events/pub-L1/entry",
        f"/v1/packs?log={SHOP}&subject=listing:shop:L1",
    } <= page.links


async def test_what_corrected_an_event_stands_above_it_with_the_value_before_and_after(told: Desk) -> None:
    page = await shown(told, BLOCK)
    assert "Corrected later. Reason CLERICAL, recorded" in page.text
    assert "time : 10 Jan 2026, 03:00:00 UTC → 9 Jan 2026, 03:00:00 UTC" in page.text
    assert f"/workbench/events/{SHOP}/fix-1" in page.links
    assert f"/workbench/events/{SHOP}/void-1" not in page.links  # which is of another event
    correction = await shown(told, f"/workbench/events/{SHOP}/fix-1")
    assert f"/workbench/events/{SHOP}/block-L1-R1" in correction.links
    void = await shown(told, f"/workbench/events/{SHOP}/block-L1-R2")
    assert "Voided later: it should never have been recorded." in void.text


async def test_the_entry_stands_there_byte_for_byte_and_the_path_ends_at_the_root_that_was_signed(told: Desk) -> None:
    entry = (await told.entry("block-L1-R1")).decode()
    page = await shown(told, BLOCK)
    assert entry in page.text
    log = await told.get(f"/v1/logs/{SHOP}")
    signed = log["checkpoint"].split("\n")
    assert f"Checkpoint of {signed[1]} entries" in page.text
    assert f"{log['root'][:10]}… the root" in page.text
    assert f"signed root {log['root'][:10]}…" in page.text
    assert f"/v1/logs/{SHOP}/events/block-L1-R1/proof?size={signed[1]}" in page.links


async def test_a_personal_value_is_masked_and_the_page_says_why_its_ciphertext_stands_in_the_entry(told: Desk) -> None:
    page = await shown(told, f"/workbench/events/{SHOP}/filed-D1")
    assert "claimant_name [MASKED] a personal value: not shown here" in page.text
    assert "enc:v1:" in page.text
    assert "so that everybody who may read the log can verify the entry" in page.text
    assert "Siti" not in page.text
    assert "so that everybody who may read the log" not in (await shown(told, BLOCK)).text


async def test_who_takes_part_in_a_case_sees_its_event_and_neither_its_proof_nor_its_bytes(told: Desk) -> None:
    keeper = told.service.database.pool("keeper")
    grant = Grant(role="COURT", subjects=("dispute:shop:D1",))
    told.tokens = {**told.tokens, "court": await create_token(keeper, "COURT", [SHOP], None, grant)}
    page = await shown(told, f"/workbench/events/{SHOP}/filed-D1", who="court")
    assert (page.status, "DisputeFiled" in page.text) == (200, True)
    assert "The proof is for those who may read the whole log" in page.text
    for hidden in ("Verify in this browser", "enc:v1:", "/entry", "/proof"):
        assert hidden not in page.text
    assert (await shown(told, BLOCK, who="court")).status == 404


async def test_another_platforms_reader_is_told_why_there_is_nothing_to_see(told: Desk) -> None:
    page = await shown(told, BLOCK, who="other")
    assert (page.status, f"this token may not read log {SHOP}" in page.text) == (403, True)
    assert "Bears the mark" not in page.text


async def test_the_page_speaks_indonesian_with_its_numbers_and_dates(told: Desk) -> None:
    page = await shown(told, BLOCK, language="id", zone="Asia/Jakarta")
    assert "Peristiwa block-L1-R1" in page.text
    assert "Kemudian dikoreksi." in page.text
    assert "Mulai berlaku 10 Jan 2026, 10:00:00 WIB" in page.text


async def test_an_event_known_to_the_day_is_shown_as_that_day_of_its_own_zone(told: Desk) -> None:
    day = {**published("L9", "2026-01-04T17:00:00Z"), "timeprecision": "DAY", "timezone": "Asia/Jakarta"}
    await told.tell(day, log=OPEN)
    page = await shown(told, f"/workbench/events/{OPEN}/pub-L9", zone="America/New_York")
    assert "Took effect 5 Jan 2026 — only the day is known (in Asia/Jakarta)" in page.text
