"""Master keys are changed while the ledger runs: whatever breaks off, every key opens; then the old one is dead."""

import asyncio
import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.service import open_service
from ledger.database import Database, Pool
from ledger.destroyed import DestroyedKeys
from ledger.domain.seller_events import SellerRegistered
from ledger.errors import InputError, SettingError
from ledger.intake import LogInfo
from ledger.keys import KeyRing, destroy_key
from ledger.masters import MASTER_FILE, MasterKey, Masters, MasterStore, format_masters, make_master, parse_masters
from ledger.rotation import rotate_master
from ledger.settings import read_settings
from ledger.store import create_log, statements
from ledger.vault import Vault, open_vault
from tests.sealing import seal

NAME = "Toko Sari"
Sealed = dict[str, str]
"""Ciphertext of the name of each data subject."""


class Cut(Exception):
    """The process ends here."""


class Keys:
    """A process's hold on the keys of a ledger."""

    def __init__(self, database: Database, variable: str | None = None) -> None:
        self.keeper: Pool = database.pool("keeper")
        self.vault: Vault = open_vault(database.settings, database.ledger.ledger_id)
        settings = read_settings({"JEJAK_MASTER_KEY": variable} if variable else {})
        self.masters = Masters(self.keeper, MasterStore(settings, self.vault))
        self.ring = KeyRing(self.keeper, self.masters, DestroyedKeys(self.vault))

    def held(self) -> tuple[MasterKey, ...]:
        return parse_masters(self.vault.read(MASTER_FILE) or b"", "there")

    async def seal(self, log: LogInfo, *subjects: str) -> Sealed:
        sealed: Sealed = {}
        for subject in subjects:
            data = {"shop_name": NAME, "subject_id": subject}
            await seal(self.ring, log, "e1", SellerRegistered, data)
            sealed[subject] = data["shop_name"]
        return sealed

    async def opened(self, log: LogInfo, sealed: Sealed) -> set[str]:
        return {
            await self.ring.decrypt(log, subject, "e1", "/data/shop_name", text) for subject, text in sealed.items()
        }

    async def wrapping(self) -> set[str]:
        """Return the ids of the master keys that wrap a key."""
        rows = await self.keeper.fetch("SELECT DISTINCT wrapped_by FROM subject_key WHERE wrapped IS NOT NULL")
        return {row["wrapped_by"] for row in rows}

    async def wanted(self) -> list[str]:
        rows = await self.keeper.fetch("SELECT master_id FROM master_key ORDER BY retired NULLS FIRST")
        return [row["master_id"] for row in rows]


async def new_log(database: Database, slug: str) -> LogInfo:
    keeper = database.pool("keeper")
    return await create_log(keeper, slug, "PLATFORM", "Asia/Jakarta", None, "CONFIDENTIAL", f"ledger/{slug}")


def people(count: int, prefix: str = "subject:") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


async def test_every_key_of_every_log_is_wrapped_anew_and_the_old_master_key_opens_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.rotation.PAGE_KEYS", 3)
    logs = [await new_log(database, slug) for slug in ("shop", "stall")]
    keys = Keys(database)
    sealed = [await keys.seal(log, *people(7)) for log in logs]
    (old,) = keys.held()
    before = await keys.keeper.fetch("SELECT wrapped FROM subject_key")
    done = await rotate_master(keys.keeper, keys.masters)
    (new,) = keys.held()
    assert (done.master_id, done.retired, done.keys) == (new.master_id, (old.master_id,), 14)
    assert (await keys.wrapping(), await keys.wanted()) == ({new.master_id}, [new.master_id])
    assert not {row["wrapped"] for row in before} & {
        row["wrapped"] for row in await keys.keeper.fetch("SELECT wrapped FROM subject_key")
    }
    for log, texts in zip(logs, sealed, strict=True):
        assert await Keys(database).opened(log, texts) == {NAME}
        assert await keys.opened(log, texts) == {NAME}
    keys.vault.write(MASTER_FILE, format_masters([old]))
    with pytest.raises(SettingError, match="put back the one it had"):
        await Keys(database).opened(logs[0], sealed[0])


async def test_a_process_that_ran_all_along_reads_writes_and_makes_keys_before_and_after(database: Database) -> None:
    log = await new_log(database, "shop")
    service, command = Keys(database), Keys(database)
    sealed = await service.seal(log, *people(3))
    await rotate_master(command.keeper, command.masters)
    assert await service.opened(log, sealed) == {NAME}
    late = await service.seal(log, "subject:late")
    assert await command.opened(log, late) == {NAME}
    assert await command.wrapping() == {command.masters.in_use}


async def test_a_process_that_knows_only_the_old_master_key_makes_no_key_with_it(database: Database) -> None:
    log = await new_log(database, "shop")
    service, command = Keys(database), Keys(database)
    await service.masters.refresh()
    await rotate_master(command.keeper, command.masters)
    assert service.masters.in_use != command.masters.in_use
    sealed = await service.seal(log, "subject:1")
    assert await Keys(database).opened(log, sealed) == {NAME}
    assert await command.wrapping() == {command.masters.in_use}


async def test_keys_made_while_others_are_wrapped_anew_are_wrapped_by_the_new_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.rotation.PAGE_KEYS", 5)
    log = await new_log(database, "shop")
    service, command = Keys(database), Keys(database)
    sealed = await service.seal(log, *people(60))
    made, _ = await asyncio.gather(
        service.seal(log, *people(60, "subject:new-")), rotate_master(command.keeper, command.masters)
    )
    assert await Keys(database).opened(log, sealed | made) == {NAME}
    assert await command.wrapping() == {command.masters.in_use}


async def test_a_key_destroyed_while_it_is_wrapped_anew_stays_destroyed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await new_log(database, "shop")
    keys = Keys(database)
    await keys.seal(log, *people(2))
    wrap = keys.masters.wrap

    async def destroyed_meanwhile(key: bytes, associated: list[bytes]) -> object:
        await destroy_key(keys.keeper, log, "subject:1", datetime.now(UTC))
        return await wrap(key, associated)

    monkeypatch.setattr(keys.masters, "wrap", destroyed_meanwhile)
    await rotate_master(keys.keeper, keys.masters)
    rows = await keys.keeper.fetch("SELECT subject, wrapped IS NULL AS gone FROM subject_key ORDER BY subject")
    assert [tuple(row) for row in rows] == [("subject:0", False), ("subject:1", True)]


@pytest.mark.parametrize("step", ["use_master", "read_wrapped_keys", "rewrap_keys", "forget_masters", "keep_only"])
async def test_wherever_it_breaks_off_every_key_is_readable_and_the_next_one_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr("ledger.rotation.PAGE_KEYS", 2)
    log = await new_log(database, "shop")
    keys = Keys(database)
    sealed = await keys.seal(log, *people(5))
    (old,) = keys.held()
    with monkeypatch.context() as patched:
        cut_at(patched, step)
        with pytest.raises(Cut):
            await rotate_master(keys.keeper, keys.masters)
    new, kept = keys.held()
    assert kept == old
    after = Keys(database)
    assert await after.opened(log, sealed) == {NAME}
    sealed |= await after.seal(log, "subject:meanwhile")
    done = await rotate_master(after.keeper, after.masters)
    assert (done.master_id, keys.held()) == (new.master_id, (new,))
    assert (await keys.wrapping(), await keys.wanted()) == ({new.master_id}, [new.master_id])
    assert await Keys(database).opened(log, sealed) == {NAME}


def cut_at(patched: pytest.MonkeyPatch, step: str) -> None:
    """Let the process end where this statement would be the second of its kind, or the only one."""
    calls: list[str] = []

    def cut(name: str) -> str:
        calls.append(name)
        if name == step and (calls.count(name) == 2 or name in {"use_master", "forget_masters"}):
            raise Cut
        return statements(name)

    def cut_store(*_: object) -> None:
        raise Cut

    patched.setattr("ledger.rotation.statements", cut)
    if step == "keep_only":
        patched.setattr(MasterStore, "keep_only", cut_store)


async def test_two_at_once_agree_on_one_master_key(database: Database) -> None:
    log = await new_log(database, "shop")
    one, two = Keys(database), Keys(database)
    sealed = await one.seal(log, *people(20))
    await asyncio.gather(rotate_master(one.keeper, one.masters), rotate_master(two.keeper, two.masters))
    (held,) = one.held()
    assert (await one.wrapping(), await one.wanted()) == ({held.master_id}, [held.master_id])
    assert await Keys(database).opened(log, sealed) == {NAME}


async def test_a_master_key_of_a_variable_is_changed_by_naming_the_new_one_before_it(database: Database) -> None:
    def text(*masters: MasterKey) -> str:
        return ",".join(base64.b64encode(master.secret).decode() for master in masters)

    log = await new_log(database, "shop")
    old, new = make_master(), make_master()
    before = Keys(database, text(old))
    sealed = await before.seal(log, *people(3))
    with pytest.raises(InputError, match="put the new master key into JEJAK_MASTER_KEY, before the old one"):
        await rotate_master(before.keeper, before.masters)
    both = Keys(database, text(new, old))
    assert await both.opened(log, sealed) == {NAME}
    assert await both.seal(log, "subject:4")
    assert await both.wrapping() == {old.master_id}  # those who run with the old one alone can still read
    await rotate_master(both.keeper, both.masters)
    assert await both.wrapping() == {new.master_id}
    assert await Keys(database, text(new)).opened(log, sealed) == {NAME}
    with pytest.raises(SettingError, match="put back the one it had"):
        await Keys(database, text(old)).opened(log, sealed)


async def test_a_lost_master_key_is_never_replaced_by_a_new_one(database: Database) -> None:
    log = await new_log(database, "shop")
    keys = Keys(database)
    await keys.seal(log, "subject:1")
    keys.vault.remove(MASTER_FILE)
    with pytest.raises(SettingError, match="put back the one it had"):
        await Keys(database).masters.refresh()
    assert keys.vault.read(MASTER_FILE) is None


async def test_a_master_key_that_an_earlier_release_kept_in_the_data_folder_moves_to_the_vault(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path / "data")
    async with open_service(settings) as service:
        log = await service.create_log("shop", "PLATFORM", "Asia/Jakarta", None, "CONFIDENTIAL")
        data = {"shop_name": NAME, "subject_id": "subject:1"}
        await seal(service.keys, log, "e1", SellerRegistered, data)
        keeper = service.database.pool("keeper")
        await keeper.execute("UPDATE subject_key SET wrapped_by = ''")
        await keeper.execute("DELETE FROM master_key")
        (service.vault.folder / MASTER_FILE).rename(settings.data / MASTER_FILE)
    async with open_service(settings) as service:
        opened = await service.keys.decrypt(log, "subject:1", "e1", "/data/shop_name", data["shop_name"])
        assert (opened, (settings.data / MASTER_FILE).exists()) == (NAME, False)
        assert service.vault.read(MASTER_FILE) is not None
