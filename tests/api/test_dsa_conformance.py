"""The DSA intake answers the conformance cases of the real API (`shared/dsa`) as it does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec
import pytest

from ledger.domain.json_values import is_array, is_object
from tests.api.desk import Desk
from tests.api.statements_of_reasons import MANY, ONE, PLATFORM, WHO, submit, submit_many
from tests.shared import SHARED, needs_shared, shared_path

Case = Mapping[str, Any]
Ask = Callable[[Desk, Case], Awaitable[httpx.Response]]
CASES: Mapping[str, Any] = (
    msgspec.json.decode(shared_path("dsa/conformance_cases.json").read_bytes()) if SHARED is not None else {}
)
LISTED: Mapping[str, Case] = {case["id"]: case for case in CASES.get("cases", ())}
CONCURRENT = 10
"""Requests under way at once in the case of concurrent duplicates."""
pytestmark = needs_shared


def payload(case: Case, puid: str | None = None) -> dict[str, Any]:
    """Return what a case sends: the file's own statement, with what the case sets and without what it unsets."""
    base: dict[str, Any] = {} if case.get("unset") == ["*"] else dict(CASES["base_payload"])
    return {**base, **({} if puid is None else {"puid": puid}), **case.get("set", {})}


def many(case: Case, count: int) -> list[dict[str, Any]]:
    """Return so many statements of a case, each of a puid of its own."""
    return [{**payload(case), "puid": f"puid-{number}"} for number in range(count)]


async def none_sent(desk: Desk, case: Case) -> httpx.Response:
    """Send no token."""
    return await submit(desk, payload(case), who=None)


async def shown(desk: Desk, case: Case) -> httpx.Response:
    """Create a statement and read it."""
    created = await submit(desk, payload(case))
    return await desk.ask("GET", f"{ONE}/{created.json()['uuid']}", who=WHO)


async def repeated(desk: Desk, case: Case) -> httpx.Response:
    """Send the same twice."""
    assert (await submit(desk, payload(case))).status_code == 201
    return await submit(desk, payload(case))


async def hundred(desk: Desk, case: Case) -> httpx.Response:
    """Send a hundred at once."""
    return await submit_many(desk, many(case, 100))


async def one_invalid(desk: Desk, case: Case) -> httpx.Response:
    """Send ten, the fourth in no language."""
    sent = many(case, 10)
    sent[3]["content_language"] = "XX"
    return await submit_many(desk, sent)


async def repeated_in_call(desk: Desk, case: Case) -> httpx.Response:
    """Send twenty, some of the same puid."""
    sent = many(case, 20)
    for copy, original in ((1, 0), (5, 0), (10, 9)):
        sent[copy]["puid"] = sent[original]["puid"]
    return await submit_many(desk, sent)


async def repeated_anywhere(desk: Desk, case: Case) -> httpx.Response:
    """Send ten, one of the puid of another, one of a puid that is there."""
    sent = many(case, 10)
    await submit(desk, {**payload(case), "puid": "there"})
    sent[1]["puid"], sent[5]["puid"] = sent[0]["puid"], "there"
    return await submit_many(desk, sent)


async def one_of_many(desk: Desk, case: Case) -> httpx.Response:
    """Send the case's statement among one."""
    return await submit_many(desk, [payload(case)])


async def others_unexplained(desk: Desk, case: Case) -> httpx.Response:
    """Send five, three of another content that is not explained."""
    sent = many(case, 5)
    for number in (1, 2, 4):
        sent[number]["content_type"] = ["CONTENT_TYPE_OTHER"]
    return await submit_many(desk, sent)


async def looked_for(desk: Desk, case: Case) -> httpx.Response:
    """Create a statement and look for its puid."""
    await submit(desk, payload(case))
    return await desk.ask("GET", f"{ONE}/existing-puid/{payload(case)['puid']}", who=WHO)


SPECIAL: Mapping[str, Ask] = {
    "auth-none": none_sent,
    "puid-hidden-on-read": shown,
    "puid-duplicate": repeated,
    "batch-100-ok": hundred,
    "batch-one-invalid-none-created": one_invalid,
    "batch-dup-in-call": repeated_in_call,
    "batch-dup-db-and-call": repeated_anywhere,
    "batch-territories-deduped-sorted": one_of_many,
    "batch-content-type-other-text": others_unexplained,
    "batch-bad-puid": one_of_many,
    "existing-puid-found": looked_for,
}
"""The cases that are more than one request to create one statement."""
BEFORE = {"batch-dup-db-and-call": 1}
"""Statements that a case creates before it asks."""


def at(value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what stands at a dotted path, or None; a name may hold dots itself."""
    for name in value:
        if path == name:
            return value[name]
        if path.startswith(f"{name}."):
            return at(value[name], path.removeprefix(f"{name}."))
    return None


def texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return every text of a JSON value."""
    if isinstance(value, str):
        return [value]
    if is_object(value):
        return texts([*value.values()])
    return [text for one in value for text in texts(one)] if is_array(value) else []


async def created(desk: Desk) -> int:
    """Return how many statements the platform has."""
    listed = await desk.get(f"/v1/logs/{PLATFORM}/events", who=WHO, type="StatementSubmitted", limit=1000)
    return len(listed["items"])


def judge_members(case: Case, answer: Any) -> None:  # noqa: ANN401 - JSON
    """Hold the members of an answer against what a case expects of them."""
    body = answer["statements"][0] if "statements" in answer else answer
    for name, value in case.get("expect", {}).items():
        match name:
            case "null":
                assert [body[field] for field in value] == [None] * len(value)
            case "not_null":
                assert all(body[field] is not None for field in value)
            case "absent":
                assert not set(value) & set(body)
            case "keys":
                assert all(at(answer, path) for path in value)
            case "json":
                assert answer == {**value, "puid": payload(case)["puid"]}
            case "created":
                pass
            case _:
                assert body[name] == value


@pytest.mark.parametrize("name", [name for name in LISTED if name != "concurrent-duplicates"])
async def test_a_conformance_case_is_answered_as_the_real_api_answers_it(desk: Desk, name: str) -> None:
    case = LISTED[name]
    response = await SPECIAL[name](desk, case) if name in SPECIAL else await submit(desk, payload(case))

    assert (case["endpoint"].split()[1] == MANY) == (response.request.url.path == MANY)
    assert response.status_code == case["status"], response.text
    if name != "auth-none":
        answer = response.json()
        judge_members(case, answer)
        assert all(at(answer["errors"], path) for path in case.get("errors", ()))
        assert case.get("message", "").rpartition("]) ")[2] in ("", *texts(answer))
    if "created" in case.get("expect", {}):
        assert await created(desk) == case["expect"]["created"] + BEFORE.get(name, 0)


async def test_of_concurrent_duplicates_exactly_one_is_created(desk: Desk) -> None:
    case = LISTED["concurrent-duplicates"]
    puids = [f"puid-{number - number % 3 if number % 10 in {1, 2} else number}" for number in range(60)]
    turns = asyncio.Semaphore(CONCURRENT)

    async def send(puid: str) -> tuple[str, int]:
        async with turns:
            return puid, (await submit(desk, payload(case, puid))).status_code

    outcomes = Counter(await asyncio.gather(*map(send, puids)))
    sent = Counter(puids)

    assert max(sent.values()) > 1
    assert outcomes == Counter(
        {**{(puid, 201): 1 for puid in sent}, **{(puid, 422): times - 1 for puid, times in sent.items() if times > 1}}
    )


def test_every_case_of_the_file_is_asked() -> None:
    assert len(LISTED) == len(CASES["cases"]) == 35
    assert SPECIAL.keys() <= LISTED.keys()
