"""Until when a log is closed, as the description of the log says (contract 2, domain.md D14)."""

from tests.api.desk import SHOP, Desk, Event, Json, corrected, event, voided


def closing(name: str, platform: str, end: str) -> Event:
    """Return that a platform closed a period that ended so."""
    period: Json = {"period_start": "2025-01-01", "period_end": end, "totals": {}, "attested_by": "officer:1"}
    return event(name, "SubmissionPeriodClosed", f"platform:{platform}", "2026-01-01T00:00:00Z", **period)


async def through(desk: Desk) -> str | None:
    """Return what the log says, which its place in the list says too."""
    log = await desk.get(f"/v1/logs/{SHOP}")
    assert log in (await desk.get("/v1/logs"))["items"]
    said: str | None = log["closed_through"]
    return said


async def test_a_log_is_closed_through_the_last_period_of_the_platform_that_is_furthest_behind(desk: Desk) -> None:
    told: list[str | None] = [await through(desk)]
    for step in (
        closing("march", "shop", "2025-03-31"),
        closing("february", "shop", "2025-02-28"),
        closing("other", "shop-2", "2025-03-30T10:00:00Z"),
        voided("never", "platform:shop", "march"),
        corrected("rather", "platform:shop", "february", data={"period_end": "2025-04-30"}),
    ):
        response = await desk.send(step)
        assert response.status_code == 201, response.text
        told.append(await through(desk))
    assert told == [
        None,
        "2025-03-31",
        "2025-03-31",
        "2025-03-30T10:00:00Z",
        "2025-02-28",
        "2025-03-30T10:00:00Z",
    ]
