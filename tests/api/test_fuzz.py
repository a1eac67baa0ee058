"""Whatever is sent, the answer is one of ours: no body and no question meets an error that nobody thought of."""

from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.json_values import is_array, is_object
from projections.lists import LISTS
from tests.api.bad_events import a_block, a_correction, a_filing, a_notice, a_personal_correction, changed
from tests.api.desk import CLOUDEVENT, CLOUDEVENTS, JSON, NDJSON, SHOP, Desk, Json, published

MEDIA = st.sampled_from([JSON, CLOUDEVENT, CLOUDEVENTS, NDJSON])
EXPECTED = {200, 201, 207, 400, 403, 404, 409, 413, 415, 422}
INTERESTING: list[Any] = [
    "",
    "\0",
    "enc:v1:a:b",
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01",
    "Asia/Jakarta",
    "listing:shop:A",
    2**53 + 1,
    -(2**63),
    2**64,
    0.5,
    None,
    {},
    [],
    [[]],
    {"data": {}},
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(INTERESTING)
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))
GOOD = [told(name).good for name, told in (("fa", a_block), ("fb", a_correction), ("fc", a_filing), ("fd", a_notice))]
GOOD.append(a_personal_correction("fe").good)
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module", autouse=True)
async def told(shared_desk: Desk) -> None:
    for name, of in (("fa", a_block), ("fb", a_correction), ("fe", a_personal_correction)):
        await shared_desk.tell(*of(name).before)


def paths(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every member and element."""
    if is_object(value):
        steps: list[tuple[str | int, Json]] = [*value.items()]
    elif is_array(value):
        steps = [*enumerate(value)]
    else:
        return []
    return [found for step, inner in steps for found in ((*path, step), *paths(inner, (*path, step)))]


def judged(response: Json) -> None:
    """Assert that an answer is one of those that a client is promised."""
    assert response.status_code in EXPECTED, response.text
    if response.status_code >= 400:
        problem = response.json()
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["type"].startswith("/problems/")
        assert problem["status"] == response.status_code


@often
@given(body=st.binary(max_size=400), media=MEDIA | st.text(st.characters(min_codepoint=33, max_codepoint=126)))
async def test_any_bytes_are_answered(shared_desk: Desk, body: bytes, media: str) -> None:
    judged(await shared_desk.post(body, media=media))


@often
@given(value=VALUES, media=MEDIA, atomic=st.sampled_from(["true", "false"]))
async def test_any_json_is_answered(shared_desk: Desk, value: Json, media: str, atomic: str) -> None:
    judged(await shared_desk.post(msgspec.json.encode(value), media=media, atomic=atomic, dry_run="true"))


@settings(often, max_examples=400)
@given(data=st.data())
async def test_an_event_with_any_value_anywhere_is_answered(shared_desk: Desk, data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(GOOD))
    for _ in range(data.draw(st.integers(1, 2))):
        good = changed(good, data.draw(st.sampled_from(paths(good))), data.draw(VALUES))
    judged(await shared_desk.send(good, dry_run=data.draw(st.sampled_from(["true", "false"]))))
    await shared_desk.follow()


@often
@given(value=VALUES)
async def test_any_json_in_place_of_a_log_is_answered(shared_desk: Desk, value: Json) -> None:
    good: dict[str, Any] = {"slug": "fuzz", "timezone": "UTC"}
    for body in (value, *(good | {name: value} for name in ("slug", "timezone", "kind", "jurisdiction", "data_class"))):
        judged(await shared_desk.ask("POST", "/v1/logs", who="operator", content=msgspec.json.encode(body)))


PARAMETERS = sorted(
    {filter_.name for listed in LISTS.values() for filter_ in listed.filters}
    | {"as_of", "known_at", "tz", "certainty", "basis", "size", "limit", "cursor", "count", "log", "subject"}
    | {"subject_prefix", "type", "time_from", "recorded_to", "q", "order"}
)
TEXTS = st.text() | st.sampled_from([text for text in INTERESTING if isinstance(text, str)]) | st.dates().map(str)


@often
@given(
    path=st.sampled_from([*(f"/v1/{name}" for name in LISTS), "/v1/events", "/v1/subject", "/v1/subject/history"]),
    query=st.dictionaries(st.sampled_from(PARAMETERS), TEXTS | st.lists(TEXTS, max_size=3), max_size=4),
)
async def test_any_question_is_answered(shared_desk: Desk, path: str, query: dict[str, Any]) -> None:
    judged(await shared_desk.ask("GET", path, **query))


@often
@given(name=st.text(min_size=1).filter(lambda name: name not in {".", ".."}))
async def test_any_name_in_a_path_is_answered(shared_desk: Desk, name: str) -> None:
    name = quote(name, safe="")
    for path in (f"/v1/logs/{name}", f"/v1/logs/{SHOP}/events/{name}", f"/v1/logs/{name}/events", f"/{name}"):
        judged(await shared_desk.ask("GET", path))


@pytest.mark.parametrize("depth", [*range(60, 70), 200, 400, 600, *range(780, 1_000, 3), 1_500, 2_000])
async def test_any_depth_of_nesting_is_answered(shared_desk: Desk, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    for good, old in ((a_block(f"deep{depth}").good, b'"note":"x"'), (GOOD[1], b'"a":"b"')):
        body = msgspec.json.encode(good).replace(old, old.partition(b":")[0] + b":" + nested)
        assert nested in body
        for media in (JSON, NDJSON):
            judged(await shared_desk.post(body, media=media, dry_run="true"))
        assert (await shared_desk.post(body)).status_code in {400, 404, 422} or depth <= 64
    await shared_desk.follow()


async def test_what_was_accepted_is_followed_by_every_view(shared_desk: Desk) -> None:
    await shared_desk.tell(published("last"))
    assert (await shared_desk.get(f"/v1/logs/{SHOP}"))["views_behind"] == 0
    for name in LISTS:
        for basis in ("LEDGER", "SOURCE"):
            await shared_desk.get(f"/v1/{name}", basis=basis, limit=1_000)
