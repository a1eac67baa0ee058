"""What the ledger tells of itself to who watches over it: metrics, and health while signing waits or has stopped."""

from datetime import timedelta
from pathlib import Path

import pytest

from api import service
from ledger.log_keys import open_log_keys
from ledger.reopening import reopen
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, published

COUNTS = ("logs_unsigned", "logs_halted", "logs_lost")
"""What every process knows; of what it does not follow it tells nothing."""
TOO_LONG = 1_000
"""Characters of a name that no file system takes."""


async def values(desk: Desk) -> dict[str, int]:
    """Return every metric by its name and labels, as Prometheus reads it."""
    response = await desk.ask("GET", "/metrics", who="operator")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    return {name: int(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_metrics_tell_how_far_each_log_is_signed_and_followed_and_which_is_halted(desk: Desk) -> None:
    assert desk.service.signer is not None
    await desk.send([published("a"), published("b")], media="application/cloudevents-batch+json")
    await desk.service.signer.step()
    await desk.service.search.catch_up()
    await desk.send(published("c"))
    async with desk.service.database.owner() as connection:
        await connection.execute("INSERT INTO log_halt SELECT log_id, 'tried' FROM log WHERE slug = $1", RIVAL)
    assert await values(desk) == {
        f'jejak_log_size{{log="{OPEN}"}}': 0,
        f'jejak_log_size{{log="{RIVAL}"}}': 0,
        f'jejak_log_size{{log="{SHOP}"}}': 3,
        f'jejak_log_signed_size{{log="{OPEN}"}}': 0,
        f'jejak_log_signed_size{{log="{RIVAL}"}}': 0,
        f'jejak_log_signed_size{{log="{SHOP}"}}': 2,
        f'jejak_log_followed_size{{log="{OPEN}"}}': 0,
        f'jejak_log_followed_size{{log="{RIVAL}"}}': 0,
        f'jejak_log_followed_size{{log="{SHOP}"}}': 0,
        f'jejak_log_searched_size{{log="{OPEN}"}}': 0,
        f'jejak_log_searched_size{{log="{RIVAL}"}}': 0,
        f'jejak_log_searched_size{{log="{SHOP}"}}': 2,
        f'jejak_log_halted{{log="{OPEN}"}}': 0,
        f'jejak_log_halted{{log="{RIVAL}"}}': 1,
        f'jejak_log_halted{{log="{SHOP}"}}': 0,
        f'jejak_log_unreadable{{log="{OPEN}"}}': 0,
        f'jejak_log_unreadable{{log="{RIVAL}"}}': 0,
        f'jejak_log_unreadable{{log="{SHOP}"}}': 0,
        "jejak_searches_stopped": 0,
        "jejak_logs_unsigned": 0,
        "jejak_logs_lost": 0,
        "jejak_vault_unreadable": 0,
    }
    assert (await desk.ask("GET", "/metrics")).status_code == 403


async def test_a_head_that_cannot_be_read_costs_its_own_log_alone_and_is_told(desk: Desk) -> None:
    before = await values(desk)
    async with desk.service.database.owner() as connection:
        statement = (
            "UPDATE log_head SET frontier = sha256('') FROM log WHERE log.log_id = log_head.log_id AND slug = $1"
        )
        await connection.execute(statement, RIVAL)
    sizes = {f'jejak_log_{name}size{{log="{RIVAL}"}}' for name in ("", "signed_", "followed_", "searched_")}
    left = {name: value for name, value in before.items() if name not in sizes}
    assert await values(desk) == {**left, f'jejak_log_unreadable{{log="{RIVAL}"}}': 1}


async def test_marks_that_cannot_be_read_cost_what_they_tell_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = await values(desk)
    monkeypatch.setattr(desk.service.vault, "folder", tmp_path / ("x" * TOO_LONG))
    del before["jejak_logs_lost"]
    assert await values(desk) == {**before, "jejak_vault_unreadable": 1}


async def test_a_process_tells_what_has_stopped_of_what_it_follows_and_of_nothing_else(desk: Desk) -> None:
    stops = {"jejak_views_stopped": 0, "jejak_searches_stopped": 0}
    assert (await values(desk)).keys().isdisjoint(stops)
    assert (await desk.ask("GET", "/health/ready", who=None)).json().keys().isdisjoint(name[6:] for name in stops)
    await desk.follow()
    await desk.service.search.catch_up()
    assert stops.items() <= (await values(desk)).items()
    told = (await desk.ask("GET", "/health/ready", who=None)).json()
    assert (told["views_stopped"], told["searches_stopped"]) == (0, 0)


async def test_health_tells_of_logs_that_wait_too_long_for_a_checkpoint(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.service.signer is not None
    await desk.send(published("a"))
    await desk.service.signer.step()
    await desk.send(published("b"))
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", **dict.fromkeys(COUNTS, 0)})
    monkeypatch.setattr(service, "UNSIGNED_TIME", timedelta(0))
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.status_code, ready.json()["logs_unsigned"]) == (200, 1)
    await desk.service.signer.step()
    assert (await desk.ask("GET", "/health/ready", who=None)).json()["logs_unsigned"] == 0


async def test_a_log_that_was_signed_of_and_is_not_in_the_database_is_told_until_its_loss_is_accepted(
    desk: Desk,
) -> None:
    assert desk.service.signer is not None
    await desk.send(published("a"))
    await desk.service.signer.step()
    mark = desk.service.vault.read(f"marks/{SHOP}")
    assert mark is not None
    desk.service.vault.write("marks/gone", mark)  # as a database of before that log has it
    ready = await desk.ask("GET", "/health/ready", who=None)
    told = {"status": "halted", **dict.fromkeys(COUNTS, 0), "logs_lost": 1}
    assert (ready.status_code, ready.json(), (await values(desk))["jejak_logs_lost"]) == (503, told, 1)
    log = await desk.service.create_log("gone", "PLATFORM", "UTC", None, "PUBLIC")
    told |= {"logs_halted": 1, "logs_lost": 0}
    assert (await desk.ask("GET", "/health/ready", who=None)).json() == told
    keys = open_log_keys(desk.service.database.settings, desk.service.vault)
    await reopen(desk.service.database, desk.service.vault, keys, log)
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", **dict.fromkeys(COUNTS, 0)})
