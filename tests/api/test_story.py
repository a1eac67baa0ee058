"""Stories: how a file is read, and how it is told to a ledger with a test clock."""

import gzip
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.erasures import ClockedErasure
from api.logs import NewLog
from api.service import Service, service_over
from api.story import Story, keep_to_one_story, read_story, tell
from ledger.database import Database
from ledger.errors import InputError
from ledger.intake import BATCH_MAX_EVENTS
from ledger.store import read_heads, read_streams
from tests.api.desk import event

NOON, ONE, TWO = "2024-01-01T12:00:00Z", "2024-01-01T13:00:00Z", "2024-01-01T14:00:00Z"


def line(name: str, recordedtime: str = NOON, log: str = "stall") -> dict[str, Any]:
    """Return a line of a story: a listing is published."""
    told = event(name, "ListingPublished", f"listing:{log}:{name}", "2024-01-01T00:00:00Z")
    return {**told, "log": log, "recordedtime": recordedtime}


def written(path: Path, *lines: object) -> str:
    """Write a story's lines to a file and return its name."""
    path.write_bytes(b"\n".join(msgspec.json.encode(one) for one in lines) + b"\n\n")
    return str(path)


@pytest.fixture
async def service(clocked_database: Database) -> AsyncGenerator[Service]:
    async with service_over(clocked_database) as running:
        yield running


async def sizes(service: Service) -> dict[str, int]:
    """Return the sizes of the logs that hold something."""
    heads = await read_heads(service.database.pool("reader"))
    return {head.log.slug: head.size for head in heads if head.size}


def batches(story: Story) -> list[tuple[str, datetime, list[str]]]:
    return [(one.log, one.recordedtime, [told["id"] for told in one.events]) for one in story.batches]


def test_what_one_log_records_at_once_is_one_batch_in_recorded_order(tmp_path: Path) -> None:
    lines = [line("A"), line("B", log="booth"), line("C"), line("D", ONE), line("E", ONE, "booth")]
    story = read_story(written(tmp_path / "story", *lines))
    noon, one = datetime.fromisoformat(NOON), datetime.fromisoformat(ONE)
    assert batches(story) == [
        ("stall", noon, ["A", "C"]),
        ("booth", noon, ["B"]),
        ("stall", one, ["D"]),
        ("booth", one, ["E"]),
    ]
    assert (story.size, story.erasures) == (5, [])
    assert all("log" not in told for batch in story.batches for told in batch.events)


def test_a_batch_past_the_bound_is_split_and_each_part_is_a_microsecond_later(tmp_path: Path) -> None:
    story = read_story(written(tmp_path / "story", *(line(f"L{n}") for n in range(2 * BATCH_MAX_EVENTS + 1))))
    noon = datetime.fromisoformat(NOON)
    assert [(batch.recordedtime - noon, len(batch.events)) for batch in story.batches] == [
        (timedelta(), BATCH_MAX_EVENTS),
        (timedelta(microseconds=1), BATCH_MAX_EVENTS),
        (timedelta(microseconds=2), 1),
    ]
    assert story.batches[2].events[0]["recordedtime"] == "2024-01-01T12:00:00.000002Z"


def test_a_story_says_what_its_logs_are_and_of_others_there_is_a_default(tmp_path: Path) -> None:
    said = {"slug": "bpsk", "kind": "AUTHORITY", "timezone": "Asia/Makassar", "jurisdiction": "ID"}
    story = read_story(written(tmp_path / "story", {"create_log": said}, line("A"), line("B", log="bpsk")))
    logs = {log.slug: log for log in story.logs}
    assert logs["bpsk"] == NewLog(slug="bpsk", kind="AUTHORITY", timezone="Asia/Makassar", jurisdiction="ID")
    assert logs["stall"] == NewLog(slug="stall", timezone="UTC")
    assert logs["kca"] == NewLog(slug="kca", kind="FORUM", timezone="Asia/Seoul", jurisdiction="KR")
    assert len(logs) == 9


def test_a_story_may_be_packed(tmp_path: Path) -> None:
    plain = written(tmp_path / "story", line("A"))
    (tmp_path / "packed").write_bytes(gzip.compress(Path(plain).read_bytes()))
    assert read_story(str(tmp_path / "packed")) == read_story(plain)


def erasure(**data: str) -> dict[str, Any]:
    """Return a line of a story: a data subject is erased."""
    return event("gone", "ErasureExecuted", "subject:c1", ONE, **data) | {"log": "stall", "recordedtime": ONE}


def registration(name: str, recordedtime: str) -> dict[str, Any]:
    """Return a line of a story: a seller registers whose name is personal."""
    data = {"shop_name": "Toko Sari", "subject_id": "subject:c1"}
    told = event(name, "SellerRegistered", f"seller:stall:{name}", "2024-01-01T00:00:00Z", **data)
    return {**told, "log": "stall", "recordedtime": recordedtime}


def test_an_erasure_has_its_place_in_the_story(tmp_path: Path) -> None:
    story = read_story(written(tmp_path / "story", line("B"), erasure(), line("C", TWO)))
    stated = read_story(written(tmp_path / "stated", erasure(basis="law", request_ref="DSR-7")))
    assert [type(step).__name__ for step in story.steps] == ["Batch", "ClockedErasure", "Batch"]
    assert (story.size, [*story.erasures, *stated.erasures]) == (
        3,
        [
            ClockedErasure(subject="subject:c1", basis=basis, request_ref=ref, recordedtime=datetime.fromisoformat(ONE))
            for basis, ref in (("not stated", "gone"), ("law", "DSR-7"))
        ],
    )


async def test_an_erasure_is_carried_out_in_its_place_and_once(service: Service, tmp_path: Path) -> None:
    lines = [registration("A", NOON), erasure(), line("B", TWO)]
    for _ in "12":
        await tell(service, read_story(written(tmp_path / "story", *lines)))
        assert await sizes(service) == {"stall": 3}
    log = await service.find_log("stall")
    facts = (await read_streams(service.database.pool("reader"), log.log_id, ["subject:c1"], 3))["subject:c1"]
    assert [(fact.position, fact.recordedtime) for fact in facts] == [(1, datetime.fromisoformat(ONE))]
    assert len(await service.destroyed(log)) == 1


async def test_who_is_erased_in_a_story_is_not_told_of_again(service: Service, tmp_path: Path) -> None:
    lines = [registration("A", NOON), erasure(), registration("B", TWO)]
    with pytest.raises(InputError, match="subject-erased"):
        await tell(service, read_story(written(tmp_path / "story", *lines)))


async def test_an_erasure_of_somebody_unknown_erases_nothing(service: Service, tmp_path: Path) -> None:
    await tell(service, read_story(written(tmp_path / "story", line("A"), erasure())))
    assert await sizes(service) == {"stall": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{}\n", "line 1 has no log or no recordedtime"),
        (b'\n{"log": "stall"}\n', "line 2 has no log or no recordedtime"),
        (b'{"log": 5, "recordedtime": "2024-01-01T12:00:00Z"}', "line 1 has no log"),
        (b'{"log": "stall", "recordedtime": "noon"}', "recordedtime 'noon' is no RFC 3339 instant"),
        (b"[]\n", "line 1 is no JSON object"),
        (b"\xff\n", "line 1 is no JSON object"),
        (msgspec.json.encode({**erasure(), "subject": "listing:stall:A"}), "line 1 is no erasure: subject: "),
        (b'{"create_log": {"slug": "stall"}}', "timezone"),
        (b'{"create_log": {"slug": "stall", "timezone": "Mars/Base"}}', "Mars/Base"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-9], "cannot be unpacked"),
    ],
)
def test_what_is_no_story_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "story").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        read_story(str(tmp_path / "story"))


def test_a_story_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_story(str(tmp_path / "story"))


def test_a_folder_keeps_to_one_story(tmp_path: Path) -> None:
    one = read_story(written(tmp_path / "one", line("A")))
    other = read_story(written(tmp_path / "other", line("A"), line("B")))
    keep_to_one_story(tmp_path, one)
    keep_to_one_story(tmp_path, one)
    with pytest.raises(InputError, match="holds another story"):
        keep_to_one_story(tmp_path, other)


async def test_a_story_told_again_adds_nothing(service: Service, tmp_path: Path) -> None:
    story = read_story(written(tmp_path / "story", line("A"), line("B", ONE), line("C", log="booth")))
    told: list[int] = []
    await tell(service, story, told.append)
    assert (await sizes(service), sum(told)) == ({"stall": 2, "booth": 1}, story.size)
    await tell(service, story, told.append)
    assert (await sizes(service), sum(told)) == ({"stall": 2, "booth": 1}, story.size)


async def test_a_telling_that_broke_off_is_taken_up(service: Service, tmp_path: Path) -> None:
    lines = [line("A"), line("B", log="booth"), line("C", ONE), line("D", ONE, "booth")]
    await tell(service, read_story(written(tmp_path / "begun", *lines[:3])))
    assert await sizes(service) == {"stall": 2, "booth": 1}
    await tell(service, read_story(written(tmp_path / "whole", *lines)))
    assert await sizes(service) == {"stall": 2, "booth": 2}
    heads = await read_heads(service.database.pool("reader"))
    last = {head.log.slug: head.last_recordedtime for head in heads if head.size}
    assert set(last.values()) == {datetime.fromisoformat(ONE)}


async def test_a_refused_event_names_its_log_and_moment(service: Service, tmp_path: Path) -> None:
    wrong = {**line("A"), "type": "ListingVanished"}
    with pytest.raises(InputError, match=r"log stall refused what was recorded at 2024-01-01T12:00:00.000000Z: .*type"):
        await tell(service, read_story(written(tmp_path / "story", wrong)))


async def test_a_ledger_by_the_real_clock_is_told_no_story(database: Database, tmp_path: Path) -> None:
    story = read_story(written(tmp_path / "story", line("A")))
    async with service_over(database) as service:
        with pytest.raises(InputError, match="test clock"):
            await tell(service, story)
        assert await read_heads(database.pool("reader")) == []
