"""After an erasure neither text nor wrapped key stands in any file of the data folder: tables, catalogue, WAL, and all.

The same search finds the key in a run without erasure, and the text in one without encryption.
"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from api.service import Service, open_service
from ledger import erasure
from ledger.erasure import Eraser, Order
from ledger.intake import Author, LogInfo
from ledger.scrubbing import UNSCRUBBED
from ledger.settings import Settings, read_settings
from tests.api.desk import Event, event, filed

PERSON, OTHER = "subject:c1", "subject:c2"
NAME, ADDRESS = "Aminah binti Abdurrahman Wahid", "Jalan Kebon Kacang Raya 17"
AUTHOR = Author(authid="tests", authrole="operator")
ORDER = Order(subject=PERSON, basis="UU 27/2022 art. 43", request_ref="DSR-1")
PEOPLE = 20
FRAGMENT_BYTES = 16
"""As much as is looked for: a part of a key that is left is one too many."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, data=tmp_path / "data")


@pytest.fixture
async def service(settings: Settings) -> AsyncGenerator[Service]:
    async with open_service(settings) as running:
        await running.create_log("forum", "FORUM", "UTC", None, "CONFIDENTIAL")
        yield running


async def append(service: Service, *events: Event) -> LogInfo:
    log = await service.find_log("forum")
    read = service.intake.read_array(msgspec.json.encode(events))
    await service.appender.append(log, AUTHOR, read)
    return log


async def tell_of_many(service: Service) -> None:
    """Append that many people filed disputes, the one who will be erased last."""
    # One commit and one row at a time, as people come; the last row of a page is what its hole may keep a part of.
    for person in (*(f"subject:a{number}" for number in range(PEOPLE)), PERSON):
        claim = {"claimant_name": NAME, "narrative": ADDRESS, "claimant_subject_id": person}
        await append(service, filed(person.partition(":")[2], **claim))


async def wrapped_key(service: Service, person: str = PERSON) -> bytes:
    key: bytes = await service.database.pool("keeper").fetchval(
        "SELECT wrapped FROM subject_key WHERE subject = $1", person
    )
    return key


async def erase(service: Service) -> None:
    eraser = Eraser(service.database.pool("keeper"), service.appender, service.destroyed_keys, service.scrubber)
    await eraser.erase("op", ORDER)


async def flushed(service: Service) -> None:
    """Have statistics taken, as the server does by itself now and then, and every page written."""
    async with service.database.owner() as connection:
        await connection.execute("ANALYZE")
        await connection.execute("CHECKPOINT")


def holding(folder: Path, content: bytes) -> list[str]:
    """Return the files of a folder, at any depth, that hold these bytes or a fragment of them."""
    fragments = [content[at : at + FRAGMENT_BYTES] for at in range(0, len(content) - FRAGMENT_BYTES + 1, 4)]
    found: list[str] = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            held = path.read_bytes()
            found += [str(path.relative_to(folder))] * any(fragment in held for fragment in fragments)
    return sorted(found)


async def search(settings: Settings, content: bytes) -> list[str]:
    return await asyncio.to_thread(holding, settings.data, content)


async def test_after_an_erasure_nothing_of_text_or_key_is_left_in_any_file(
    service: Service, settings: Settings
) -> None:
    await tell_of_many(service)
    key, other = await wrapped_key(service), await wrapped_key(service, "subject:a1")
    await flushed(service)
    assert [path.split("/")[1] for path in await search(settings, key)] == ["base", "pg_wal"]
    await erase(service)
    assert [await search(settings, one) for one in (key, NAME.encode(), ADDRESS.encode())] == [[], [], []]
    assert await search(settings, other) != []
    assert service.vault.names(UNSCRUBBED) == []
    await append(service, filed("late", claimant_subject_id=OTHER, claimant_name=NAME))
    await flushed(service)
    assert await search(settings, key) == []


async def test_without_an_erasure_the_same_search_finds_the_key_and_never_the_text(
    service: Service, settings: Settings
) -> None:
    await tell_of_many(service)
    await service.scrubber.scrub()
    assert await search(settings, await wrapped_key(service)) != []
    assert [await search(settings, one) for one in (NAME.encode(), ADDRESS.encode())] == [[], []]


async def test_without_encryption_the_same_search_finds_the_text(service: Service, settings: Settings) -> None:
    await append(service, event("firm", "PartyRegistered", "party:firm", kind="LEGAL", name=NAME))
    await flushed(service)
    assert [path.split("/")[1] for path in await search(settings, NAME.encode())] == ["base", "pg_wal"]


async def test_what_a_crash_left_in_the_files_the_next_start_scrubs(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell_of_many(service)
    key = await wrapped_key(service)

    async def crashed(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "destroy_key", crashed)
        with pytest.raises(asyncio.CancelledError):
            await erase(service)
    assert len(service.vault.names(UNSCRUBBED)) == 1
    await flushed(service)
    assert await search(settings, key) != []
    async with open_service(settings) as again:
        assert (await search(settings, key), again.vault.names(UNSCRUBBED)) == ([], [])


async def test_a_table_that_is_in_use_is_scrubbed_later_and_the_erasure_is_done_all_the_same(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ledger.scrubbing.LOCK_SECONDS", 1)
    await tell_of_many(service)
    key = await wrapped_key(service)
    async with service.database.owner() as reader, reader.transaction():
        await reader.fetch("SELECT count(*) FROM subject_key")
        await erase(service)
    assert "something may be left in the database's files for now" in caplog.text
    assert await wrapped_key(service) is None
    await service.scrubber.catch_up()
    assert (await search(settings, key), service.vault.names(UNSCRUBBED)) == ([], [])
