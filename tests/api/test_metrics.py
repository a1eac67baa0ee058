"""What the ledger tells of itself to who watches over it: metrics, and health while signing waits or has stopped."""

from datetime import timedelta

import pytest

from api import service
from ledger.log_keys import open_log_keys
from ledger.reopening import reopen
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, published

COUNTS = ("views_stopped", "searches_stopped", "logs_unsigned", "logs_halted", "logs_lost")


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
        "jejak_views_stopped": 0,
        "jejak_searches_stopped": 0,
        "jejak_logs_unsigned": 0,
        "jejak_logs_lost": 0,
    }
    assert (await desk.ask("GET", "/metrics")).status_code == 403


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
