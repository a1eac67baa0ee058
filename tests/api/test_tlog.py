"""A log's public files over HTTP: exactly those of tlog-tiles, under what is signed, for whom they are."""

from collections.abc import Sequence

import httpx
import pytest

from ledger.checkpoints import log_keys
from ledger.entry import read_entry
from ledger.intake import LogInfo
from ledger.store import read_entries
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from tests.api.desk import CLOUDEVENTS, OPEN, SHOP, Desk, published
from tests.tiles import published_files

BINARY, NOTE = "application/octet-stream", "text/plain; charset=utf-8"
WEEK = "max-age=604800, immutable"


async def grown(desk: Desk, log: str, count: int, begin: int = 0) -> None:
    """Append so many events to a log."""
    events = [published(f"L{number}") for number in range(begin, begin + count)]
    response = await desk.send(events, log=log, media=CLOUDEVENTS)
    assert response.status_code == 201, response.text


async def signed(desk: Desk, slug: str) -> Checkpoint:
    """Sign a log as it is, and return its checkpoint."""
    assert desk.service.signer is not None
    log = await desk.service.find_log(slug)
    note = await desk.service.signer.sign(log)
    assert note is not None
    return open_checkpoint(note, await log_keys(desk.service.database.pool("reader"), log.log_id))


async def entries_of(desk: Desk, slug: str) -> list[bytes]:
    log: LogInfo = await desk.service.find_log(slug)
    pages = read_entries(desk.service.database.pool("reader"), log.log_id, 0, 2**62)
    return [stored.entry async for page in pages for stored in page]


async def fetched(desk: Desk, slug: str, path: str, who: str | None = None) -> httpx.Response:
    return await desk.ask("GET", f"/logs/{slug}/{path}", who=who)


async def statuses(desk: Desk, slug: str, paths: Sequence[str], who: str | None = None) -> list[int]:
    return [(await fetched(desk, slug, path, who)).status_code for path in paths]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
async def test_every_file_of_a_log_is_what_its_entries_give(desk: Desk, size: int) -> None:
    await grown(desk, OPEN, size)
    checkpoint = await signed(desk, OPEN)
    wanted = published_files(await entries_of(desk, OPEN))
    for path, content in wanted.items():
        response = await fetched(desk, OPEN, path)
        assert (response.status_code, response.content) == (200, content), path
        assert response.headers["content-type"] == BINARY
        assert response.headers["cache-control"] == f"public, {WEEK}"
    response = await fetched(desk, OPEN, "checkpoint")
    assert response.headers["content-type"] == NOTE
    assert response.headers["cache-control"] == "public, max-age=1"
    assert response.text.startswith(checkpoint.text)
    assert (checkpoint.size, checkpoint.origin) == (size, f"{desk.service.database.name}/{OPEN}")


async def test_hashes_are_open_for_every_log_and_entries_for_public_ones(desk: Desk) -> None:
    files = ("checkpoint", "log.json", "tile/0/000.p/3", "tile/entries/000.p/3")
    for log in (SHOP, OPEN):
        await grown(desk, log, 3)
        await signed(desk, log)
        for path in files:
            closed = log == SHOP and path == files[-1]
            found = [(await fetched(desk, log, path, who)).status_code for who in (None, "other", "writer", "operator")]
            assert found == ([401, 403, 200, 200] if closed else [200, 200, 200, 200]), (log, path)
    response = await fetched(desk, SHOP, files[-1], "writer")
    assert response.headers["cache-control"] == f"private, {WEEK}"
    length = int.from_bytes(response.content[:2], "big")
    assert read_entry(response.content[2 : 2 + length]).salt is not None
    refused = await desk.ask("GET", f"/logs/{OPEN}/checkpoint", who=None, headers={"Authorization": "Bearer nobody"})
    assert refused.status_code == 401


async def test_a_log_says_of_itself_what_those_outside_need_to_know(desk: Desk) -> None:
    said = await desk.get(f"/logs/{OPEN}/log.json", who=None)
    assert said == {
        "slug": OPEN,
        "kind": "PLATFORM",
        "timezone": "Europe/London",
        "jurisdiction": "GB",
        "data_class": "PUBLIC",
        "origin": f"{desk.service.database.name}/{OPEN}",
        "created": said["created"],
    }


async def test_nothing_is_served_that_is_not_signed(desk: Desk) -> None:
    paths = ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1")
    assert await statuses(desk, OPEN, paths) == [404, 404, 404]
    await grown(desk, OPEN, 300)
    assert await statuses(desk, OPEN, paths) == [404, 404, 404]
    await signed(desk, OPEN)
    await grown(desk, OPEN, 300, begin=300)
    covered = ("tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1", "tile/0/000", "tile/entries/000")
    beyond = ("tile/0/001.p/45", "tile/entries/001.p/45", "tile/1/000.p/2", "tile/0/001", "tile/entries/001")
    assert await statuses(desk, OPEN, covered) == [200] * 5
    assert await statuses(desk, OPEN, beyond) == [404] * 5
    assert (
        await statuses(desk, OPEN, ("tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/63/000.p/1")) == [404] * 4
    )


async def test_the_partial_tiles_of_every_signed_size_stay(desk: Desk) -> None:
    sizes = (3, 255, 256, 300, 513)
    for before, size in zip((0, *sizes), sizes, strict=False):
        await grown(desk, OPEN, size - before, begin=before)
        await signed(desk, OPEN)
    entries = await entries_of(desk, OPEN)
    for size in sizes:
        for path, content in published_files(entries[:size]).items():
            assert (await fetched(desk, OPEN, path)).content == content, path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/03",
        "tile/0/000.p/+3",
        "tile/0/000.p/3/",
        "tile/0/000.p/3?x=/",
        "tile/0/000.P/3",
        "tile/0/0",
        "tile/0/0000.p/3",
        "tile/0/x000/000.p/3",
        "tile/00/000.p/3",
        "tile/-1/000.p/3",
        "tile/64/000.p/3",
        "tile//0/000.p/3",
        "tile/0//000.p/3",
        "tile/0/000%2ep/3",
        "tile/%30/000.p/3",
        "tile/entries/000.p/3/",
        "tile/entries/x000/000.p/3",
        "tile/entries/0.p/3",
        "tile/data/000.p/3",
        "tile/0",
        "tile/",
        "tile",
        "",
        "checkpoint/",
        "checkpoint.p/1",
        "%63heckpoint",
        "tile/0/000.p/%00",
        "tile/0/٠٠٠.p/3",
    ],
)
async def test_a_path_that_is_not_exact_is_none(shared_desk: Desk, path: str) -> None:
    if not await entries_of(shared_desk, OPEN):
        await grown(shared_desk, OPEN, 3)
        await signed(shared_desk, OPEN)
    exact = "?" in path  # a query is no part of the path
    response = await fetched(shared_desk, OPEN, path)
    assert response.status_code == (200 if exact else 404), response.text
    if not exact:
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_log_that_is_not_there_has_no_files(desk: Desk) -> None:
    for path in ("checkpoint", "log.json", "tile/0/000.p/1", "tile/entries/000.p/1"):
        response = await fetched(desk, "nowhere", path)
        assert (response.status_code, response.json()["type"]) == (404, "/problems/unknown-log")


async def test_who_has_a_file_already_is_told_so(desk: Desk) -> None:
    await grown(desk, OPEN, 3)
    await signed(desk, OPEN)
    for path in ("checkpoint", "log.json", "tile/0/000.p/3", "tile/entries/000.p/3"):
        first = await fetched(desk, OPEN, path)
        again = await desk.ask(
            "GET", f"/logs/{OPEN}/{path}", who=None, headers={"If-None-Match": first.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    before = (await fetched(desk, OPEN, "checkpoint")).headers["etag"]
    await grown(desk, OPEN, 1, begin=3)
    await signed(desk, OPEN)
    stale = await desk.ask("GET", f"/logs/{OPEN}/checkpoint", who=None, headers={"If-None-Match": before})
    assert stale.status_code == 200


async def test_head_is_answered_as_get_is_without_the_content(desk: Desk) -> None:
    await grown(desk, OPEN, 3)
    await signed(desk, OPEN)
    files = ("checkpoint", "log.json", "tile/0/000.p/3", "tile/entries/000.p/3", "tile/0/000.p/4", "nowhere")
    others = ("/health/live", "/v1/logs", f"/v1/logs/{OPEN}/events", "/v1/listings", "/v1/nowhere")
    for path in (*(f"/logs/{OPEN}/{file}" for file in files), *others):
        whole, head = await desk.ask("GET", path), await desk.ask("HEAD", path)
        assert (head.status_code, head.headers, head.content) == (whole.status_code, whole.headers, b""), path
        assert int(head.headers["content-length"]) == len(whole.content) > 0
    assert (await desk.ask("HEAD", f"/logs/{SHOP}/tile/entries/000.p/3", who=None)).status_code == 401
    assert (await desk.ask("HEAD", "/v1/claims/evaluations", who="operator")).status_code == 405
