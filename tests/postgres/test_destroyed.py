"""Destroyed keys are listed outside: a database restored from a backup destroys them again, and nobody reads before."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from api.service import Service, open_service, service_over
from ledger.database import Database
from ledger.destroyed import DESTROYED_FILE, DestroyedKey, DestroyedKeys, destroy_again
from ledger.erasure import Eraser, Order
from ledger.errors import SubjectErased, VaultError
from ledger.intake import Author, Intake, LogInfo
from ledger.keys import find_keys
from ledger.settings import Settings, read_settings
from ledger.vault import Vault
from tests.api.desk import filed

PERSON, OTHER = "subject:c1", "subject:c2"
NAME = "Aminah binti Ali"
AUTHOR = Author(authid="tests", authrole="operator")
ORDER = Order(subject=PERSON, basis="UU 27/2022 art. 43", request_ref="DSR-1")
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def service(database: Database) -> AsyncGenerator[Service]:
    async with service_over(database) as running:
        yield running


async def forum(service: Service) -> LogInfo:
    return await service.create_log("forum", "FORUM", "UTC", None, "CONFIDENTIAL")


async def tell(service: Service, log: LogInfo, person: str) -> None:
    """Append that somebody filed a dispute, with a name."""
    event = filed(f"of-{person[-2:]}", claimant_subject_id=person, claimant_name=NAME)
    await service.appender.append(log, AUTHOR, Intake().read_one(msgspec.json.encode(event)))


def eraser(service: Service) -> Eraser:
    return Eraser(service.database.pool("keeper"), service.appender, service.destroyed_keys, service.scrubber)


async def wrapped(service: Service) -> dict[str, bytes | None]:
    rows = await service.database.pool("keeper").fetch("SELECT subject, wrapped FROM subject_key")
    return {row["subject"]: row["wrapped"] for row in rows}


async def put_back(service: Service, key: bytes | None) -> None:
    """Make the key's row what it was before it was destroyed, as a restored backup does."""
    await service.database.pool("keeper").execute(
        "UPDATE subject_key SET wrapped = $1, wrapped_by = (SELECT master_id FROM master_key), destroyed = NULL"
        " WHERE subject = $2",
        key,
        PERSON,
    )


async def open_name(service: Service, log: LogInfo, person: str = PERSON) -> str:
    """Decrypt the claimant's name as it stands in the log."""
    subject = f"dispute:forum:of-{person[-2:]}"
    entry = await service.database.pool("reader").fetchval("SELECT entry FROM event WHERE subject = $1", subject)
    event = msgspec.json.decode(entry)
    text = event["data"]["claimant_name"]
    return await service.keys.decrypt(log, person, event["id"], "/data/claimant_name", text)


def test_what_is_listed_is_destroyed_and_the_first_line_counts(tmp_path: Path) -> None:
    listed, others = DestroyedKeys(Vault(tmp_path)), DestroyedKeys(Vault(tmp_path))
    assert ("k1" in listed, list(listed)) == (False, [])
    assert others.add("shop", "k1", WHEN) == WHEN
    assert ("k1" in listed, "k2" in listed) == (True, False)
    assert listed.add("shop", "k1", datetime.now(UTC)) == WHEN
    with (tmp_path / DESTROYED_FILE).open("ab") as file:
        file.write(b'{"log":"shop","key_i')
    listed.add("shop", "k3", WHEN)
    told = "2026-01-01T00:00:00.000000Z"
    expected = [DestroyedKey(log="shop", key_id=name, destroyed=told) for name in ("k1", "k3")]
    assert [list(listed), list(others), list(DestroyedKeys(Vault(tmp_path)))] == [expected] * 3


async def test_a_key_is_listed_before_its_row_is_destroyed_and_that_before_the_event(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await forum(service)
    await tell(service, log, PERSON)

    def full(*_: object) -> None:
        raise VaultError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "append", full)
        with pytest.raises(VaultError, match="no room"):
            await eraser(service).erase("op", ORDER)
    assert await open_name(service, log) == NAME
    (done,) = await eraser(service).erase("op", ORDER)
    (listed,) = service.destroyed_keys
    (key,) = await find_keys(service.database.pool("keeper"), [log], PERSON)
    entry = await service.database.pool("reader").fetchval("SELECT entry FROM event WHERE position = 1")
    assert (listed.log, listed.key_id) == ("forum", done.key_id)
    assert msgspec.json.decode(entry)["time"] == listed.destroyed
    assert key.destroyed == datetime.fromisoformat(listed.destroyed)


async def test_what_is_listed_is_opened_by_nobody_even_while_its_row_is_there(service: Service) -> None:
    log = await forum(service)
    for person in (PERSON, OTHER):
        await tell(service, log, person)
    (key,) = await find_keys(service.database.pool("keeper"), [log], PERSON)
    async with service_over(service.database) as other:
        assert await open_name(other, log) == NAME
        service.destroyed_keys.add("forum", key.key_id, WHEN)
        for running in (service, other):
            with pytest.raises(SubjectErased):
                await open_name(running, log)
            assert await open_name(running, log, OTHER) == NAME
    assert (await wrapped(service))[PERSON] is not None


async def test_an_erasure_that_broke_off_once_the_key_was_listed_is_finished_by_the_next_start_and_by_asking(
    service: Service,
) -> None:
    log = await forum(service)
    await tell(service, log, PERSON)
    (key,) = await find_keys(service.database.pool("keeper"), [log], PERSON)
    service.destroyed_keys.add("forum", key.key_id, WHEN)
    async with service_over(service.database) as again:
        assert await wrapped(again) == {PERSON: None}
        (done,) = await eraser(again).erase("op", ORDER)
    entry = await service.database.pool("reader").fetchval("SELECT entry FROM event WHERE position = 1")
    assert msgspec.json.decode(entry)["time"] == "2026-01-01T00:00:00.000000Z"
    assert (done.key_id, done.receipt.duplicate) == (key.key_id, False)


async def test_a_key_that_comes_back_is_destroyed_at_the_next_start_loudly_and_no_other(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    log = await forum(service)
    for person in (PERSON, OTHER):
        await tell(service, log, person)
    before = await wrapped(service)
    await eraser(service).erase("op", ORDER)
    (listed,) = service.destroyed_keys
    await put_back(service, before[PERSON])
    with pytest.raises(SubjectErased):
        await open_name(service, log)
    async with service_over(service.database) as again:
        assert await wrapped(again) == {PERSON: None, OTHER: before[OTHER]}
        assert await again.destroyed(log) == {listed.key_id.encode()}
    assert f"key {listed.key_id} of log forum was destroyed before, and is again" in caplog.text
    assert "was it restored from a backup?" in caplog.text
    caplog.clear()
    assert (await destroy_again(service.database.pool("keeper"), service.destroyed_keys), caplog.text) == (0, "")


async def test_a_long_list_is_gone_through_page_by_page(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.destroyed.PAGE_KEYS", 2)
    log = await forum(service)
    people = [f"subject:c{number}" for number in range(5)]
    for person in people:
        await tell(service, log, person)
        (key,) = await find_keys(service.database.pool("keeper"), [log], person)
        service.destroyed_keys.add("forum", key.key_id, WHEN)
    assert await destroy_again(service.database.pool("keeper"), service.destroyed_keys) == 5
    assert set((await wrapped(service)).values()) == {None}


async def copy(folder: Path, to: Path) -> None:
    """Copy a folder as a backup does, with owners and modes."""
    process = await asyncio.create_subprocess_exec("cp", "-a", str(folder), str(to))
    assert await process.wait() == 0


def settings_in(folder: Path) -> Settings:
    return read_settings({"JEJAK_KEYS_DIR": str(folder / "keys")}, data=folder / "data")


async def test_a_data_folder_restored_from_before_the_erasure_shows_it_erased(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with open_service(settings) as service:
        log = await forum(service)
        for person in (PERSON, OTHER):
            await tell(service, log, person)
    await copy(settings.data, tmp_path / "backup")  # the server is stopped
    async with open_service(settings) as service:
        (done,) = await eraser(service).erase("op", ORDER)
    await asyncio.to_thread(settings.data.rename, tmp_path / "lost")
    await copy(tmp_path / "backup", settings.data)
    async with open_service(settings) as service:
        assert await service.destroyed(log) == {done.key_id.encode()}
        assert await service.database.pool("reader").fetchval("SELECT count(*) FROM event") == 2
        with pytest.raises(SubjectErased):
            await open_name(service, log)
        assert await open_name(service, log, OTHER) == NAME
