"""What the benchmarks measure: the same events every time, in the stated shares, all of them acceptable."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
import pytest

from ledger.binary_copy import EventRow
from ledger.domain.catalogue import decode_payload
from ledger.domain.history import History
from ledger.entry import Draft
from ledger.intake import Author, EventData, Intake, LogInfo, check_event
from ledger.judging import Accepted, Judge, Receipt
from ledger.tokens import split_token
from tests.benchmarks.asof import KINDS, Known, answer_of, questions
from tests.benchmarks.attack import CONNECTIONS, PER_SECOND, Attack
from tests.benchmarks.durability import NotDurable, refuse_not_durable
from tests.benchmarks.workload import DECK, LOG, MEAN_ENTRY_BYTES_MIN, SEED, TIMEZONE, Lane
from tests.commits import commit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = 10 * len(DECK)
CREATED = LogInfo(
    log_id=1,
    slug=LOG,
    kind="PLATFORM",
    timezone=TIMEZONE,
    jurisdiction="ID",
    data_class="CONFIDENTIAL",
    origin=f"jejak.local/ledger/{LOG}",
    created=NOW,
)
AUTHOR = Author(authid="0123456789abcdef", authrole="PLATFORM_WRITER")
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Batch(msgspec.Struct):
    drafts: list[Draft]
    dry_run: bool = False
    refuse_repeats: bool = False


def told(events: list[bytes]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(event) for event in events]


def drafts(events: list[bytes]) -> list[Draft]:
    read = Intake().read_lines(b"\n".join(events))
    return [check_event(event, CREATED, AUTHOR) for event in read if isinstance(event, EventData)]


def judged(batch: Batch) -> tuple[list[EventRow], list[Receipt]]:
    present: dict[str, Accepted] = {}
    histories = {draft.subject: History(decode_payload) for draft in batch.drafts}
    (answer,), rows = commit(Judge(0, NOW, present, histories), [batch], CREATED.log_id, NOW)
    assert isinstance(answer, list), answer
    return rows, answer


def test_a_lane_is_the_same_for_the_same_seed_and_number() -> None:
    assert Lane(3).take(EVENTS) == Lane(3, SEED).take(EVENTS)
    assert Lane(3).take(EVENTS) != Lane(4).take(EVENTS)
    assert Lane(3).take(EVENTS) != Lane(3, SEED + 1).take(EVENTS)


def test_a_lane_taken_in_parts_is_the_lane() -> None:
    lane = Lane(0)
    assert [event for part in (7, 100, 193) for event in lane.take(part)] == Lane(0).take(EVENTS)


def test_no_id_and_no_stream_is_in_two_lanes() -> None:
    lanes = [told(Lane(number).take(EVENTS)) for number in range(64)]
    for name in ("id", "subject"):
        each = [{event[name] for event in lane} for lane in lanes]
        assert len(set[str]().union(*each)) == sum(len(names) for names in each)


def test_one_event_in_three_opens_a_stream_and_one_in_ten_ends_a_restriction_of_five_types() -> None:
    events = told(Lane(1).take(EVENTS))
    types = Counter(event["type"] for event in events)
    assert len({event["subject"] for event in events}) * 3 == EVENTS
    assert types["ListingReinstated"] * 10 == EVENTS
    assert types.keys() == {
        "ListingPublished",
        "ListingAttributesChanged",
        "ListingBlocked",
        "ListingReinstated",
        "SellerWarned",
    }


def test_every_event_is_accepted_and_the_mean_entry_is_long_enough() -> None:
    rows, receipts = judged(Batch(drafts(Lane(2).take(EVENTS))))
    assert len(receipts) == len(rows) == EVENTS
    assert sum(len(row[-1]) for row in rows) >= MEAN_ENTRY_BYTES_MIN * EVENTS


def test_lanes_are_accepted_side_by_side() -> None:
    lanes = [Lane(number).take(EVENTS) for number in range(4)]
    mixed = [event for part in zip(*lanes, strict=True) for event in part]
    assert len(judged(Batch(drafts(mixed)))[1]) == 4 * EVENTS


def test_a_restriction_that_is_ended_is_in_force_when_it_is() -> None:
    lane = Lane(5)
    in_force: set[tuple[str, str]] = set()
    for event in islice(iter(lane.next, None), EVENTS):
        about = (event["subject"], event["data"].get("restriction_id", ""))
        if event["type"] == "ListingBlocked":
            in_force.add(about)
        elif event["type"] == "ListingReinstated":
            in_force.remove(about)
    assert in_force


@pytest.mark.parametrize("name", DURABLE)
def test_a_database_that_may_forget_is_refused(name: str) -> None:
    refuse_not_durable(DURABLE)
    with pytest.raises(NotDurable, match=name):
        refuse_not_durable({**DURABLE, name: "off"})


def test_the_questions_of_two_logs_differ_only_in_what_was_known_when() -> None:
    known = {"listings": ["listing:bench:1", "listing:bench:2"], "sellers": ["seller:bench:1"]}
    early, late = (Known(known_at=f"2026-01-0{day}T00:00:00Z", **known) for day in (1, 2))
    for kind in KINDS:
        asked = questions(early, kind, 20, 3)
        assert asked == [path.replace("2026-01-02", "2026-01-01") for path in questions(late, kind, 20, 3)]
        assert asked != questions(early, kind, 20, 4)
        assert all("as_of=" in path and "known_at=2026-01-01" in path for path in asked)


def test_answers_are_compared_without_their_moment() -> None:
    assert answer_of(b'{"items":[{"log":"bench"}],"next":null,"known_at":"2026-01-01T00:00:00Z"}') == [{"log": "bench"}]
    assert answer_of(b'{"count":3,"known_at":"2026-01-01T00:00:00Z"}') == 3


async def test_an_attack_sends_tokens_that_could_be_no_two_the_same_and_no_faster_than_its_pace() -> None:
    sent: list[str] = []

    async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            sent.append(head.decode().partition("Bearer ")[2].strip())
            writer.write(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}")
            if len(sent) == 4 * CONNECTIONS:
                attack.stop.set()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        attack = Attack(server.sockets[0].getsockname()[1])
        attacked = await attack.run()
        server.close()
    assert attack.under_way.is_set()
    assert attacked.refused == len(sent) == len(set(sent)) >= 4 * CONNECTIONS
    assert all(map(split_token, sent))
    assert attacked.refused <= attacked.seconds * PER_SECOND + CONNECTIONS
