"""The demonstration: what it answers of its own story, and of another of the same shape."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from api.asking import Asker, AskingFailed
from api.demo import HOST, Answered, Demonstration, Found, answering, demonstrate, reading
from api.demo_tables import compact, say_answer, show, where_to_look
from api.service import Service, service_over
from api.story import Story, read_story, tell
from api.systems import SYSTEMS, System
from ledger.server.embedded import EmbeddedServer
from tests.conftest import copied_database
from tests.faults.serving import jejak
from tests.stories.reckoning import reckon
from tests.stories.retold import read_scripted, retold

EXPECTED = Path(__file__).parents[1] / "stories" / "expected.json"
LOOKED_AT = (
    System("AACA", "its members", "/v1/memberships?log=alibaba&status=ACTIVE&as_of=2020-09-28"),
    System("AKAR", "its rules", "/v1/subject?subject=policy:lazada-id:akar"),
    System("Atlantis", "nothing", "/v1/subject?subject=policy:atlantis:sea"),
)
WIDTH = 100


def expected() -> dict[str, Any]:
    return {one["id"]: one["expected"] for one in msgspec.json.decode(EXPECTED.read_bytes())}


@asynccontextmanager
async def telling(server: EmbeddedServer, template: str, story: Story) -> AsyncGenerator[Service]:
    """Yield a ledger to which a story was told."""
    async with (
        copied_database(server, template, test_clock=True) as database,
        service_over(database) as service,
    ):
        await tell(service, story)
        yield service


@pytest.fixture(scope="module")
async def scripted(server: EmbeddedServer, template: str) -> AsyncGenerator[Service]:
    async with telling(server, template, read_story()) as service:
        yield service


@pytest.fixture(scope="module")
async def shown(scripted: Service) -> Demonstration:
    return await demonstrate(scripted, LOOKED_AT)


def answers(shown: Demonstration) -> dict[str, Any]:
    return {one.id: one.answer for one in shown.answers}


async def test_the_story_is_answered_as_an_independent_oracle_answered_it(shown: Demonstration) -> None:
    assert answers(shown) == expected()


async def test_where_to_look_is_told_with_what_is_found_there(shown: Demonstration) -> None:
    assert [one.answer for one in shown.systems[:2]] == [181, 1]
    assert shown.systems[0] == Found(
        system="AACA",
        shows="its members",
        request="GET /v1/memberships?log=alibaba&status=ACTIVE&as_of=2020-09-28",
        answer=181,
    )
    assert shown.systems[2].answer["problem"].startswith("GET /v1/subject?subject=policy:atlantis:sea: 404 ")
    assert shown.failed


async def test_who_was_erased_is_so_to_those_who_ask_of_a_time_before_it(scripted: Service) -> None:
    async with answering(scripted) as port, reading(scripted) as token:
        entries = await asyncio.to_thread(recorded_of, port, token, "kca", "subject:c1")
    assert [(entry["type"], entry["recordedtime"], entry["authrole"]) for entry in entries] == [
        ("ErasureExecuted", "2022-03-01T00:00:00.000000Z", "SYSTEM")
    ]
    assert {name: entries[0]["data"][name] for name in ("basis", "fields_count", "request_ref")} == {
        "basis": "UU-27-2022:43",
        "fields_count": 3,
        "request_ref": "c1-erase",
    }


def recorded_of(port: int, token: str, log: str, subject: str) -> list[dict[str, Any]]:
    with Asker(HOST, port, token) as ask:
        return list(ask.items(f"logs/{log}/events", subject=subject))


async def test_another_story_is_answered_just_as_rightly(server: EmbeddedServer, template: str, tmp_path: Path) -> None:
    lines = retold()
    path = tmp_path / "retold.ndjson"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    story = read_story(str(path))
    async with telling(server, template, story) as service:
        other = await demonstrate(service)
    reckoned = reckon(lines)
    assert answers(other) == reckoned
    changed = {name for name, value in reckon(read_scripted()).items() if value != reckoned[name]}
    assert len(changed) >= 25  # the other story is another one


async def test_a_story_without_the_facts_asked_for_is_answered_with_none_of_them(
    server: EmbeddedServer, template: str, tmp_path: Path
) -> None:
    path = tmp_path / "bare.ndjson"
    path.write_bytes(msgspec.json.encode(next(line for line in read_scripted() if line["log"] == "public-record")))
    story = read_story(str(path))
    async with telling(server, template, story) as service:
        bare = {one.id: one.answer for one in (await demonstrate(service)).answers}
    empty = {"n": 0, "median_h": None, "p90_nearest_rank_h": None, "open": 0}
    assert (bare["A01"], bare["A09"], bare["A10"]) == ([0, 0], [0, 0, 0, 0], [False, False])
    assert (bare["A11"], bare["A12"]) == ([None, 0, None], {"SME": empty, "LARGE": empty})
    assert (bare["A13"], bare["A23"]) == ([None, None, None, False, False, False], [None, None, False])
    assert (bare["A20"], bare["A28"], bare["A30"]) == (["NOT_IN_FORCE", "NOT_IN_FORCE"], None, [None, None])
    assert "/v1/claims/evaluations: " in bare["A24"]["problem"]


async def test_each_answer_names_the_requests_that_gave_it(scripted: Service, shown: Demonstration) -> None:
    first = next(one for one in shown.answers if one.id == "A01")
    async with answering(scripted) as port, reading(scripted) as token:
        again = await asyncio.to_thread(counts, port, token, first.request)
    assert again == first.answer
    assert all(one.request for one in shown.answers)


def counts(port: int, token: str, requests: Sequence[str]) -> list[int]:
    with Asker(HOST, port, token) as ask:
        return [ask.get(request.removeprefix("GET "))["count"] for request in requests]


async def test_the_token_that_asked_is_revoked(scripted: Service) -> None:
    async with answering(scripted) as port, reading(scripted) as token:
        pass
    async with answering(scripted) as port:
        with pytest.raises(AskingFailed, match="GET /v1/logs: 401"):
            await asyncio.to_thread(counts, port, token, ["GET /v1/logs"])


async def test_a_long_list_is_read_to_its_end(scripted: Service, shown: Demonstration) -> None:
    def sequences(port: int, token: str) -> list[int]:
        with Asker(HOST, port, token) as ask:
            return [int(event["sequence"]) for event in ask.items("logs/tiktok-shop-id/events")]

    async with answering(scripted) as port, reading(scripted) as token:
        read = await asyncio.to_thread(sequences, port, token)
    assert read == list(range(shown.logs["tiktok-shop-id"]["size"]))


async def test_every_log_is_named_with_its_size_and_root(shown: Demonstration) -> None:
    sizes = {slug: log["size"] for slug, log in shown.logs.items() if slug != "audit"}
    lines = [line for line in read_scripted() if line["type"] != "ErasureExecuted"]
    told = Counter(line["log"] for line in lines)
    assert sizes == told + Counter(kca=1)  # the erasure is recorded where there was something to erase
    assert {len(log["root"]) for log in shown.logs.values()} == {64}


async def test_the_table_is_read_at_a_hundred_columns(shown: Demonstration) -> None:
    console = Console(width=WIDTH, force_terminal=False)
    with console.capture() as captured:
        show(shown, console)
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= WIDTH
    table = captured.get()
    for words in ("certainly: 20", "SME: median 21, 90 % within 50", "Korea's: in force", "D4: decided for claimant"):
        assert words in table
    assert "D1: [ERASED]" in table
    assert "What the ledger shows of each system" in table


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("A02", 1_234, "1,234"),
        ("A10", [False, True], "as known on 2 October 2021: no\non 6 October 2021: yes"),
        ("A11", [17, 10, "2020-09-24"], "attendees: 17\nindustries: 10\nlocal date: 2020-09-24"),
        ("A17", [["L01", "L11"], []], "against the rule: L01, L11\ncannot be said: none"),
        ("A22", [f"D{n}" for n in range(14)], "D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, and 2 more"),
        ("A28", None, "none"),
        ("A28", {"problem": "GET /v1/bodies: 503 Busy"}, "problem: GET /v1/bodies: 503 Busy"),
        ("A32", ["[ERASED]", "[MASKED]"], "D1: [ERASED]\nD4: [MASKED]"),
    ],
)
def test_an_answer_is_put_into_words(name: str, answer: object, words: str) -> None:
    assert say_answer(Answered(id=name, question="", request=[], answer=answer)) == words


def test_requests_are_shown_by_what_they_ask() -> None:
    requests = ["GET /v1/sellers?a=1", "GET /v1/sellers?a=2", "GET /v1/logs", 'POST /v1/claims/evaluations {"a":1}']
    assert compact(requests) == "GET /v1/sellers ×2, GET /v1/logs, POST /v1/claims/evaluations"
    assert where_to_look("GET /v1/sellers?log=shop&status=BANNED").plain == "/v1/sellers\nlog=shop status=BANNED"
    assert where_to_look("GET /v1/logs").plain == "/v1/logs"


async def test_the_command_prints_the_answers_and_a_second_start_tells_nothing_again(tmp_path: Path) -> None:
    first, second = [await jejak("demo", "--no-serve", "--json", "--data", str(tmp_path / "demo")) for _ in "12"]
    assert (first.code, first.errors, second.code, second.errors) == (0, "", 0, "")
    printed, again = msgspec.json.decode(first.output), msgspec.json.decode(second.output)
    assert printed.keys() == {"answers", "systems", "logs"}
    assert [answer.keys() for answer in printed["answers"]] == [{"id", "question", "request", "answer"}] * 32
    assert {answer["id"]: answer["answer"] for answer in printed["answers"]} == expected()
    assert [(one["system"], one["shows"], one["request"]) for one in printed["systems"]] == [
        (system.name, system.capability, f"GET {system.request}") for system in SYSTEMS
    ]
    assert [one["system"] for one in printed["systems"] if not one["answer"]] == []
    kept = {slug: log for slug, log in printed["logs"].items() if slug != "audit"}
    assert {slug: again["logs"][slug] for slug in kept} == kept


async def test_a_folder_with_another_story_is_refused(tmp_path: Path) -> None:
    data, other = str(tmp_path / "demo"), tmp_path / "other.ndjson"
    other.write_bytes(msgspec.json.encode(read_scripted()[0]))
    told = await jejak("demo", "--no-serve", "--json", "--data", data, "--story", str(other))
    assert (told.code, told.errors) == (3, "")  # it knows nothing of the claim that is asked about
    refused = await jejak("demo", "--no-serve", "--json", "--data", data)
    assert (refused.code, refused.output) == (2, "")
    assert refused.errors == f"jejak: {data} holds another story: name another folder with --data\n"
