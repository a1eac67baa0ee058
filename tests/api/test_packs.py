"""Evidence packs: verified with nothing but what is in the zip, the same bytes for the same question, and bounded."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from api.evidence.gathering import EVENTS_MAX
from api.evidence.references import references_in
from ledger.scopes import Grant
from ledger.tokens import create_token
from tests.api.desk import SHOP, Desk, Json, block, corrected, published, registered
from tests.api.packing import Verdict, unpacked, verified

LISTING = "listing:shop:L1"


async def tell(desk: Desk) -> None:
    """Tell of a listing and its seller, with a correction, beside what is of no concern."""
    seller = {"seller_id": "seller:shop:S1"}
    await desk.tell(
        registered("S1", shop_name="Toko Sari", subject_id="subject:s1"),
        published("L1", **seller),
        *(published(f"X{number}") for number in range(20)),
        block("L1", "R1"),
    )
    await desk.tell(corrected("fix", LISTING, "pub-L1", data={"title": "Kain"}))


async def pack(desk: Desk, who: str = "writer", **query: Json) -> bytes:
    response = await desk.ask("GET", "/v1/packs", who=who, subject=LISTING, log=SHOP, **query)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    return response.content


async def test_a_pack_is_verified_with_nothing_but_what_is_in_it_and_a_key_that_is_trusted(
    desk: Desk, tmp_path: Path
) -> None:
    await tell(desk)
    folder = unpacked(await pack(desk), tmp_path)
    key = (await desk.get("/v1/logs/shop"))["key"]
    assert (folder / "logs/shop/keys").read_text() == f"{key}\n"
    assert verified(folder, key) == Verdict(0, "verified: 4 entries of shop, by the keys given\n", "")
    assert verified(folder).output.startswith("verified: 4 entries of shop, by the keys in the pack alone")
    other = (await desk.get("/v1/logs/rival", who="operator"))["key"]
    assert verified(folder, other).code == 1
    assert verified(folder, "nonsense").code == 2
    listed = msgspec.json.decode((folder / "pack.json").read_bytes())
    assert [(one["id"], one["subject"]) for one in listed["events"]] == [
        ("reg-S1", "seller:shop:S1"),
        ("pub-L1", LISTING),
        ("block-L1-R1", LISTING),
        ("fix", LISTING),
    ]
    assert listed["references"] == [{"named_by": f"shop {LISTING}", "subject": "seller:shop:S1", "found_in": SHOP}]
    entries = [(folder / one["entry"]).read_bytes() for one in listed["events"]]
    assert entries == [await desk.entry(one["id"]) for one in listed["events"]]


async def changed(file: str, old: bytes, new: bytes, folder: Path) -> Verdict:
    """Verify a pack in which one thing was changed, and put it back."""
    path = folder / file
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    verdict = verified(folder)
    path.write_bytes(content)
    return verdict


async def test_whatever_is_changed_in_a_pack_is_found_out(desk: Desk, tmp_path: Path) -> None:
    await tell(desk)
    folder = unpacked(await pack(desk), tmp_path)
    listed = msgspec.json.decode((folder / "pack.json").read_bytes())
    first = listed["events"][0]
    checkpoint = (folder / "logs/shop/checkpoint").read_bytes()
    signature = checkpoint.splitlines()[-1]
    forged = signature[:-12] + bytes(reversed(signature[-12:-4])) + signature[-4:]
    proof = (folder / first["receipt"]).read_bytes().splitlines()[2]
    for file, old, new, said in (
        (first["entry"], b'"type":"SellerRegistered"', b'"type":"SellerRegistereD"', "does not hold this entry"),
        (first["receipt"], proof, bytes(reversed(proof[:8])) + proof[8:], "does not hold this entry"),
        (first["receipt"], b"index 0", b"index 1", "of another entry"),
        (first["receipt"], proof + b"\n", b"", "too short"),
        ("logs/shop/checkpoint", checkpoint.splitlines()[1], b"23", "signed by none of the keys"),
        ("logs/shop/checkpoint", signature, forged, "signed by none of the keys"),
        (first["receipt"], signature, forged, "under another checkpoint"),
        ("pack.json", b'"id": "reg-S1"', b'"id": "reg-S2"', "otherwise than pack.json: id"),
    ):
        verdict = await changed(file, old, new, folder)
        assert (verdict.code, said in verdict.errors) == (1, True), verdict
    assert verified(folder).code == 0


async def test_the_same_question_with_the_same_sizes_gives_the_same_bytes(desk: Desk) -> None:
    await tell(desk)
    size = await desk.size()
    asked = {"as_of": "2026-01-31T00:00:00Z", "size": f"{SHOP}:{size}"}
    content = await pack(desk, **asked)
    await desk.tell(published("X99"))
    assert await pack(desk, **asked) == content
    assert await pack(desk, as_of="2026-01-31T00:00:00Z") != content
    records = (await desk.get("/v1/logs/audit/events", who="operator", type="ExportProduced"))["items"]
    assert records[0]["data"]["manifest"] == {
        "kind": "EVIDENCE_PACK",
        "subject": LISTING,
        "sizes": {"shop": size},
        "sha256": hashlib.sha256(content).hexdigest(),
    }


async def test_a_pack_holds_the_state_and_the_course_of_the_case_at_the_date_asked(desk: Desk, tmp_path: Path) -> None:
    await tell(desk)
    asked: Json = {"as_of": "2026-01-06T00:00:00Z"}
    folder = unpacked(await pack(desk, **asked), tmp_path)
    state = {
        (item["subject"]): item["state"] for item in msgspec.json.decode((folder / "state.json").read_bytes())["items"]
    }
    shown = await desk.get("/v1/subject", subject=LISTING, log=SHOP, **asked)
    assert state[LISTING] == shown["items"][0]["state"]
    assert state["seller:shop:S1"]["lifecycle"] == "REGISTERED"
    timeline = msgspec.json.decode((folder / "timeline.json").read_bytes())["items"]
    assert (
        timeline == (await desk.get("/v1/subject/timeline", subject=LISTING, log=SHOP, voided="true", **asked))["items"]
    )
    assert [item["id"] for item in timeline] == ["pub-L1"]
    assert not any(b"Toko Sari" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_who_takes_part_in_a_case_gets_its_pack_without_what_it_refers_to(desk: Desk, tmp_path: Path) -> None:
    await tell(desk)
    keeper = desk.service.database.pool("keeper")
    grant = Grant(role="COURT", subjects=(LISTING,))
    desk.tokens = {**desk.tokens, "court": await create_token(keeper, "COURT", [SHOP], None, grant)}
    listed = msgspec.json.decode((unpacked(await pack(desk, "court"), tmp_path) / "pack.json").read_bytes())
    assert ({one["subject"] for one in listed["events"]}, listed["references"]) == ({LISTING}, [])
    response = await desk.ask("GET", "/v1/packs", who="court", subject="seller:shop:S1", log=SHOP)
    assert response.status_code == 404


async def test_what_is_too_much_for_a_pack_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await tell(desk)
    assert EVENTS_MAX == 2_000
    monkeypatch.setattr("api.evidence.gathering.EVENTS_MAX", 3)
    assert await desk.refusal("/v1/packs", subject=LISTING, log=SHOP) == (422, "pack-too-large", "/subject")


def test_references_are_the_subjects_of_kinds_that_there_are() -> None:
    state = {
        "a": "seller:shop:S1",
        "b": ["listing:shop:L2", {"c": "http://x"}],
        "id": LISTING,
        "d": "odd:thing",
        "e": 1,
    }
    assert references_in(state, LISTING) == ["listing:shop:L2", "seller:shop:S1"]
