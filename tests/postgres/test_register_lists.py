"""The lists of the registers against a replay, at random dates, sizes, certainties and bases."""

from collections.abc import AsyncGenerator, Mapping
from random import Random
from typing import Any

import pytest

from ledger.server.embedded import EmbeddedServer
from tests.conftest import copied_database
from tests.postgres.asking import Json, World, random_time, replayed, resolved, sorted_json, told_world, whole_list
from tests.register_histories import REGISTER_KINDS

LOGS = 2
EVENTS = 450
BY_STREAM = {
    "appeals": "appeal",
    "policies": "policy",
    "agreements": "agreement",
    "memberships": "membership",
    "bodies": "body",
    "programmes": "programme",
    "parties": "party",
    "ip-rights": "ip_right",
    "authority-orders": "order",
    "investigations": "investigation",
    "claims": "claim",
}
"""Lists that have one item for each stream of a kind."""
OF_THE_SUBJECT = frozenset({"id", "version", "body", "platform", "authority"})


@pytest.fixture(scope="module")
async def world(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    async with (
        copied_database(server, template, test_clock=True) as database,
        told_world(database, tmp_path_factory.mktemp("registers"), range(LOGS), EVENTS, REGISTER_KINDS) as told,
    ):
        yield told


def is_listed(kind: str, state: Mapping[str, Any]) -> bool:
    """Tell whether a list has an item for what a replay says of a stream."""
    if kind == "order":
        return state.get("state") is not None or bool(state.get("sanctions"))
    without = {*OF_THE_SUBJECT, "state"} if kind == "investigation" else OF_THE_SUBJECT
    return any(value for name, value in state.items() if name not in without)


def meetings_of(state: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what is known of a body's meetings: whether each was held, and its name or number."""
    held = [("HELD", one.get("meeting", one["meeting_no"])) for one in state["meetings"]]
    names = {one.get("meeting") for one in state["meetings"]}
    return [*held, *(("SCHEDULED", one["meeting"]) for one in state["scheduled"] if one["meeting"] not in names)]


@pytest.mark.parametrize(("basis", "rounds"), [("LEDGER", 25), ("SOURCE", 5)])
async def test_a_list_of_a_register_says_what_a_replay_says(world: World, basis: str, rounds: int) -> None:
    random = Random(basis)
    found = dict.fromkeys(BY_STREAM, 0)
    for _ in range(rounds):
        moment = await resolved(world, random_time(random, world, basis=basis))
        states = await replayed(world, moment)
        for name, kind in BY_STREAM.items():
            wanted: list[Json] = [
                {"log": log, "subject": subject, **state}
                for (log, subject), state in states.items()
                if subject.startswith(f"{kind}:") and is_listed(kind, state)
            ]
            items = await whole_list(world, name, moment, {}, 1000)
            assert sorted_json(items) == sorted_json(wanted), (name, moment)
            found[name] += len(items)
    assert all(found.values()), found


@pytest.mark.parametrize(("basis", "rounds"), [("LEDGER", 25), ("SOURCE", 5)])
async def test_the_parts_of_streams_are_those_of_a_replay(world: World, basis: str, rounds: int) -> None:
    random = Random(f"{basis} parts")
    for _ in range(rounds):
        moment = await resolved(world, random_time(random, world, basis=basis))
        states = await replayed(world, moment)
        bodies = {at: state for at, state in states.items() if at[1].startswith("body:")}
        meetings = await whole_list(world, "meetings", moment, {}, 1000)
        assert sorted(
            (one["log"], one["subject"], one["state"], str(one.get("meeting", one.get("meeting_no"))))
            for one in meetings
        ) == sorted((*at, held, str(name)) for at, state in bodies.items() for held, name in meetings_of(state))
        requests = await whole_list(world, "information-requests", moment, {}, 3)
        asked = [
            (*at, request["request_event_id"], request["status"])
            for at, state in states.items()
            for request in state.get("requests", ())
        ]
        names = ("log", "subject", "request_event_id", "status")
        assert sorted(tuple(one[name] for name in names) for one in requests) == sorted(asked)
