"""Keys of data subjects: deterministic, bound to their place, and never without the right master key."""

import base64
from typing import Any

import pytest

from ledger.database import Database
from ledger.destroyed import DestroyedKeys
from ledger.domain.dispute_events import DisputeFiled
from ledger.domain.seller_events import SellerRegistered
from ledger.domain.verification import SellerVerificationSubmitted
from ledger.errors import Refused, SettingError
from ledger.intake import LogInfo
from ledger.keys import KeyRing
from ledger.masters import KEY_BYTES, Masters, MasterStore
from ledger.personal import personal_members, subject_field
from ledger.settings import read_settings
from ledger.store import create_log
from ledger.vault import open_vault
from tests.sealing import seal

MASTER_KEY = bytes(range(KEY_BYTES))


async def new_log(database: Database, slug: str = "shop") -> LogInfo:
    keeper = database.pool("keeper")
    return await create_log(keeper, slug, "PLATFORM", "Asia/Jakarta", None, "CONFIDENTIAL", f"ledger/{slug}")


def a_ring(database: Database, master_key: bytes = MASTER_KEY) -> KeyRing:
    settings = read_settings({"JEJAK_MASTER_KEY": base64.b64encode(master_key).decode()})
    vault, keeper = open_vault(database.settings, database.ledger.ledger_id), database.pool("keeper")
    return KeyRing(keeper, Masters(keeper, MasterStore(settings, vault)), DestroyedKeys(vault))


async def sealed(
    ring: KeyRing, log: LogInfo, event_id: str = "e1", subject: str = "subject:1", *, keep: bool = True
) -> str:
    """Encrypt a shop's name and return the ciphertext."""
    data = {"shop_name": "Toko Sari", "subject_id": subject}
    assert await seal(ring, log, event_id, SellerRegistered, data, keep=keep)
    assert data["subject_id"] == subject
    return data["shop_name"]


async def test_the_same_text_at_the_same_place_gives_the_same_ciphertext(database: Database) -> None:
    log = await new_log(database)
    ring = a_ring(database)
    first = await sealed(ring, log)
    assert await sealed(ring, log) == first
    assert await sealed(a_ring(database), log) == first  # another process, by the key in the database
    assert await ring.decrypt(log, "subject:1", "e1", "/data/shop_name", first) == "Toko Sari"


async def test_log_event_field_and_subject_all_change_the_ciphertext(database: Database) -> None:
    log, other = await new_log(database), await new_log(database, "other")
    ring = a_ring(database)
    data = {"claimant_name": "Toko Sari", "claimant_contact": "Toko Sari", "claimant_subject_id": "subject:1"}
    await seal(ring, log, "e1", DisputeFiled, data)
    all_different = {
        await sealed(ring, log),
        await sealed(ring, log, "e2"),
        await sealed(ring, log, subject="subject:2"),
        await sealed(ring, other),
        data["claimant_name"],
        data["claimant_contact"],
    }
    assert len({text.rpartition(":")[2] for text in all_different}) == 6


@pytest.mark.parametrize(
    ("slug", "subject", "event_id", "pointer"),
    [
        ("other", "subject:1", "e1", "/data/shop_name"),
        ("shop", "subject:2", "e1", "/data/shop_name"),
        ("shop", "subject:1", "e2", "/data/shop_name"),
        ("shop", "subject:1", "e1", "/data/name"),
    ],
)
async def test_ciphertext_does_not_open_at_another_place(
    database: Database, slug: str, subject: str, event_id: str, pointer: str
) -> None:
    logs = {name: await new_log(database, name) for name in ("shop", "other")}
    ring = a_ring(database)
    text = await sealed(ring, logs["shop"])
    with pytest.raises(Refused, match="not of this place") as refused:
        await ring.decrypt(logs[slug], subject, event_id, pointer, text)
    assert "Toko" not in str(refused.value)


async def test_a_changed_bit_is_noticed(database: Database) -> None:
    log = await new_log(database)
    ring = a_ring(database)
    head, _, tail = (await sealed(ring, log)).rpartition(":")
    content = base64.b64decode(tail)
    for index in range(len(content)):
        changed = bytes(byte ^ (number == index) for number, byte in enumerate(content))
        text = f"{head}:{base64.b64encode(changed).decode()}"
        with pytest.raises(Refused, match="not of this place"):
            await ring.decrypt(log, "subject:1", "e1", "/data/shop_name", text)


async def test_another_master_key_is_a_clear_error_and_says_nothing_secret(database: Database) -> None:
    log = await new_log(database)
    await sealed(a_ring(database), log)
    other = bytes(reversed(MASTER_KEY))
    with pytest.raises(SettingError, match="which does not stand in JEJAK_MASTER_KEY: put back") as error:
        await sealed(a_ring(database, other), log)
    for secret in ("Toko Sari", base64.b64encode(other).decode(), base64.b64encode(MASTER_KEY).decode()):
        assert secret not in str(error.value)


async def test_neither_data_keys_nor_the_master_key_stand_in_the_database(database: Database) -> None:
    log = await new_log(database)
    await sealed(a_ring(database), log)
    (row,) = await database.pool("keeper").fetch("SELECT * FROM subject_key")
    assert len(row["wrapped"]) == KEY_BYTES + 16
    held = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert MASTER_KEY not in held


async def test_without_keeping_no_key_is_stored_and_one_that_is_there_is_used(database: Database) -> None:
    log = await new_log(database)
    ring, keeper = a_ring(database), database.pool("keeper")
    tried = await sealed(ring, log, keep=False)
    assert await keeper.fetchval("SELECT count(*) FROM subject_key") == 0
    kept = await sealed(ring, log)
    assert tried.split(":")[2] != kept.split(":")[2]
    assert await sealed(ring, log, keep=False) == kept


async def test_every_personal_field_without_subject_is_told(database: Database) -> None:
    log = await new_log(database)
    data: dict[str, Any] = {"documents": [{"number": "1"}, {"document_type": "KTP"}, {"number": "2"}]}
    with pytest.raises(Refused) as refused:
        await seal(a_ring(database), log, "e1", SellerVerificationSubmitted, data, "/data/set/data")
    assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [
        ("pii-without-subject", "/data/set/data/documents/0/number"),
        ("pii-without-subject", "/data/set/data/documents/2/number"),
    ]


async def test_data_without_personal_fields_is_left_as_it_is(database: Database) -> None:
    log = await new_log(database)
    data = {"country": "ID", "shop_name": None}
    assert not await seal(a_ring(database), log, "e1", SellerRegistered, data)
    assert data == {"country": "ID", "shop_name": None}
    assert await database.pool("keeper").fetchval("SELECT count(*) FROM subject_key") == 0


def test_the_subject_of_a_dispute_is_the_claimant() -> None:
    assert (subject_field(DisputeFiled), subject_field(SellerRegistered)) == ("claimant_subject_id", "subject_id")
    assert [member.path for member in personal_members(SellerVerificationSubmitted)] == [("documents", "*", "number")]
