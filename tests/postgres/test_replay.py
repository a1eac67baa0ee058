"""Replay: the manifest reproduces the answer, byte for byte, whatever was appended since."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec import Struct

import projections.replay
from ledger.appender import Appender
from ledger.database import Database
from ledger.domain.fact import Certainty
from ledger.domain.instants import TICK, format_instant
from ledger.entry import encode_canonical, read_entry
from ledger.errors import Refused
from ledger.server.embedded import EmbeddedServer
from ledger.statements import Statements
from ledger.store import PAGE_EVENTS, find_logs, read_heads
from projections.moment import TimeParameters, resolve
from projections.replay import Manifest, read_pages_by_subject, replay
from tests.conftest import copied_database
from tests.histories import Teller, append_commits, make_appender, make_log, moments, told

Json = dict[str, Any]
PACKAGE = Statements("projections")


class World(Struct, frozen=True):
    """A database with two logs that can grow."""

    database: Database
    appender: Appender
    tellers: dict[str, Teller]


@pytest.fixture
async def world(server: EmbeddedServer, template: str, tmp_path: Path) -> AsyncGenerator[World]:
    async with copied_database(server, template, test_clock=True) as database:
        appender = make_appender(database, tmp_path)
        tellers: dict[str, Teller] = {}
        for seed, slug in enumerate(("alpha", "beta")):
            log = await make_log(database, slug)
            tellers[slug] = told(seed, 220, log=log)
            await append_commits(appender, log, tellers[slug].commits)
        yield World(database, appender, tellers)
        await appender.close()


async def replayed(
    world: World, time: TimeParameters, prefix: str = "", slugs: Sequence[str] | None = None
) -> tuple[bytes, Json]:
    """Return the lines of a replay and its manifest."""
    pool = world.database.pool("reader")
    moment = await resolve(pool, time, await read_heads(pool, slugs))
    manifest = Manifest(moment, prefix or None)
    lines = b"".join([encode_canonical(item) + b"\n" async for item in replay(pool, moment, manifest, prefix)])
    return lines, manifest.describe()


def asked_again(manifest: Json) -> TimeParameters:
    """Return the question that a manifest holds, with the sizes it was answered from."""
    return TimeParameters(
        as_of=manifest["as_of"],
        known_at=manifest["known_at"],
        tz=manifest["tz"],
        certainty=manifest["certainty"],
        basis=manifest["basis"],
        size={slug: at["size"] for slug, at in manifest["logs"].items()},
    )


async def grow(world: World, by: int) -> None:
    for slug, teller in world.tellers.items():
        before = len(teller.commits)
        teller.tell(len(teller.entries) + by)
        (log,) = await find_logs(world.database.pool("reader"), [slug])
        await append_commits(world.appender, log, teller.commits[before:])


async def test_the_same_manifest_gives_the_same_bytes_after_more_was_appended(world: World) -> None:
    random = Random(1)
    entries = [entry for teller in world.tellers.values() for entry in teller.entries]
    asked: list[tuple[bytes, Json]] = []
    for number in range(30):
        as_of, known_at = moments(random, entries, 2)
        certainty: Certainty = "CERTAIN" if number % 2 else "POSSIBLE"
        time = TimeParameters(
            as_of=format_instant(as_of),
            known_at=format_instant(known_at) if number % 3 else None,
            certainty=certainty,
            basis="LEDGER" if number % 5 else "SOURCE",
        )
        asked.append(await replayed(world, time))
    assert sum(len(lines) > 0 for lines, _ in asked) > 10
    await grow(world, 150)
    for lines, manifest in asked:
        assert await replayed(world, asked_again(manifest)) == (lines, manifest)
        assert hashlib.sha256(lines).hexdigest() == manifest["result_sha256"]
        assert lines.count(b"\n") == manifest["subject_count"]


async def test_a_long_log_is_replayed_to_the_same_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {slug: len(teller.entries) // 2 for slug, teller in world.tellers.items()}
    questions = TimeParameters(as_of="2025-01-01T00:00:00Z"), TimeParameters(as_of="2025-01-01T00:00:00Z", size=sizes)
    read = [await replayed(world, question) for question in questions]
    used: set[str] = set()

    def noted(name: str) -> str:
        used.add(name)
        return PACKAGE(name)

    monkeypatch.setattr(projections.replay, "statements", noted)
    monkeypatch.setattr(projections.replay, "SCATTERED_EVENTS", 1)
    assert [await replayed(world, question) for question in questions] == read
    assert used == {"read_scattered"}


async def test_a_manifest_says_what_was_asked_and_what_it_was_answered_from(world: World) -> None:
    lines, manifest = await replayed(world, TimeParameters(as_of="2024-12-31"))
    heads = {head.log.slug: head for head in await read_heads(world.database.pool("reader"))}
    sizes = {slug: {"size": head.size, "root": head.root.hex()} for slug, head in heads.items()}
    assert manifest == {
        "as_of": "2024-12-31T16:59:59.999999Z",
        "known_at": None,
        "tz": "Asia/Jakarta",
        "certainty": "CERTAIN",
        "basis": "LEDGER",
        "logs": sizes,
        "subject_prefix": None,
        "fold_version": manifest["fold_version"],
        "tzdata_version": manifest["tzdata_version"],
        "event_count": manifest["event_count"],
        "subject_count": lines.count(b"\n"),
        "result_sha256": hashlib.sha256(lines).hexdigest(),
    }


async def test_a_prefix_answers_only_for_subjects_that_begin_so(world: World) -> None:
    time = TimeParameters(as_of="2025-01-01", certainty="POSSIBLE")
    lines, whole = await replayed(world, time)
    states = [msgspec.json.decode(line, type=Json) for line in lines.splitlines()]
    assert {state["kind"] for state in states} == {"listing", "seller", "platform", "takedown_case", "dispute"}
    for prefix in ("listing:", "seller:p1:s1", "l", "platform:p1", "z", "dispute:f1:d2"):
        some, manifest = await replayed(world, time, prefix)
        wanted = [
            line for line, state in zip(lines.splitlines(), states, strict=True) if state["subject"].startswith(prefix)
        ]
        assert some.splitlines() == wanted
        assert (manifest["subject_prefix"], manifest["subject_count"]) == (prefix, len(wanted))
        assert manifest["event_count"] <= whole["event_count"]
    assert whole["event_count"] == sum(len(teller.entries) for teller in world.tellers.values())


@pytest.mark.parametrize("part", [1, 2, 10])
async def test_a_stream_is_whole_wherever_a_page_ends(world: World, part: int) -> None:
    """Also of an early size, of which many a page has less than was looked at, or nothing."""
    pool = world.database.pool("reader")
    for head in await read_heads(pool):
        streams: dict[str, list[bytes]] = {}
        size = head.size // part
        for entry in world.tellers[head.log.slug].entries[:size]:
            streams.setdefault(read_entry(entry).subject, []).append(entry)
        for page_events in (1, 2, 5, 20, PAGE_EVENTS):
            pages = read_pages_by_subject(pool, head.log, size, page_events=page_events)
            read = [page async for page in pages]
            lines = [(subject, entries.split(b"\n")) for page in read for subject, entries in page.streams]
            assert lines == sorted(streams.items())
            assert sum(page.entries for page in read) == size


async def test_a_size_answers_as_the_log_was_then(world: World) -> None:
    random = Random(2)
    for _ in range(20):
        sizes = {slug: random.randint(0, len(teller.entries)) for slug, teller in world.tellers.items()}
        lines, manifest = await replayed(world, TimeParameters(as_of="2025-01-01", certainty="POSSIBLE", size=sizes))
        events = sum(len(teller.entries[: sizes[slug]]) for slug, teller in world.tellers.items())
        assert manifest["event_count"] <= events
        assert {slug: at["size"] for slug, at in manifest["logs"].items()} == sizes
        subjects = {
            (slug, msgspec.json.decode(entry, type=Json)["subject"])
            for slug, teller in world.tellers.items()
            for entry in teller.entries[: sizes[slug]]
        }
        assert {(s["log"], s["subject"]) for s in map(msgspec.json.decode, lines.splitlines())} <= subjects


async def test_known_at_means_what_was_recorded_by_then(world: World) -> None:
    times = sorted({when for when, _ in world.tellers["alpha"].commits})
    sizes = [sum(len(events) for when, events in world.tellers["alpha"].commits if when <= time) for time in times]
    for index in random_indexes(len(times)):
        for known_at, size in (
            (times[index], sizes[index]),
            (times[index] - TICK, sizes[index - 1] if index else 0),
        ):
            time = TimeParameters(as_of="2025-01-01", known_at=format_instant(known_at))
            _, manifest = await replayed(world, time, slugs=["alpha"])
            assert manifest["logs"]["alpha"]["size"] == size


def random_indexes(count: int) -> list[int]:
    return [0, 1, count - 1, *Random(3).sample(range(count), 10)]


@pytest.mark.parametrize(
    ("time", "code"),
    [
        (TimeParameters(as_of="2024-01-01", known_at="2999-01-01"), "future-knowledge"),
        (TimeParameters(size={"alpha": 10**6}), "unknown-size"),
        (TimeParameters(size={"gamma": 1}), "unknown-size"),
        (TimeParameters(as_of="2024-13-01"), "invalid-time"),
        (TimeParameters(as_of="2024-01-01T00:00:00"), "invalid-time"),
        (TimeParameters(as_of="2024-01-01", tz="Mars/Olympus"), "invalid-zone"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(world: World, time: TimeParameters, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await replayed(world, time)
    assert [fault.code for fault in refused.value.faults] == [code]


async def test_a_date_needs_a_zone_where_the_logs_have_several(world: World) -> None:
    await make_log(world.database, "gamma", "Europe/London")
    with pytest.raises(Refused) as refused:
        await replayed(world, TimeParameters(as_of="2024-01-01"))
    assert [fault.code for fault in refused.value.faults] == ["zone-needed"]
    _, manifest = await replayed(world, TimeParameters(as_of="2024-03-31", tz="Europe/London"))
    assert manifest["as_of"] == "2024-03-31T22:59:59.999999Z"
    assert manifest["logs"]["gamma"] == {"size": 0, "root": hashlib.sha256(b"").hexdigest()}
