"""How tests ask what takes long: a job is posted, worked off at once, and read."""

from typing import Any

import msgspec

from api.jobs_worker import Worker
from tests.api.asking import ZONE
from tests.api.desk import SHOP, Desk, Json, block, published

REPLAY = {"as_of": "2026-01-31", "tz": ZONE, "logs": [SHOP]}


async def tell(desk: Desk) -> None:
    """Tell of three listings, and of a block: four events."""
    await desk.tell(*(published(f"L{number}") for number in range(3)), block("L0", "R0"))


async def asked(desk: Desk, path: str, body: Json, who: str = "writer") -> dict[str, Json]:
    """Post a question that must be accepted, and return the job."""
    response = await desk.ask("POST", path, who=who, content=msgspec.json.encode(body))
    assert response.status_code == 202, response.text
    job: dict[str, Json] = response.json()
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    return job


async def worked(desk: Desk, path: str, body: Json, who: str = "writer") -> dict[str, Json]:
    """Post a question, have it worked off, and return the job as it has ended."""
    job = await asked(desk, path, body, who)
    assert await Worker(desk.service).run_one()
    ended: dict[str, Json] = await desk.get(f"/v1/jobs/{job['id']}", who=who)
    return ended


async def result_of(desk: Desk, job: dict[str, Json], who: str = "writer") -> bytes:
    """Return the result of a job that is done."""
    response = await desk.ask("GET", job["result"]["url"], who=who)
    assert response.status_code == 200, response.text
    return response.content


async def lines_of(desk: Desk, job: dict[str, Json], who: str = "writer") -> list[dict[str, Any]]:
    """Return the lines of a result, read."""
    return [msgspec.json.decode(line) for line in (await result_of(desk, job, who)).splitlines()]
