"""The page of jobs: what the reader asked for, how far it is, what came of it; and the forms for new ones."""

import pytest

from api.jobs_worker import Worker
from tests.api.desk import SHOP, Desk
from tests.api.page import sent, shown
from tests.api.working import REPLAY, asked, tell, worked

JOBS = "/workbench/jobs"
ZONE = "Asia/Jakarta"


async def own_jobs(desk: Desk, who: str = "writer") -> list[dict[str, str]]:
    """Return the jobs of a token, newest first, as the API lists them."""
    items: list[dict[str, str]] = (await desk.get("/v1/jobs", who=who))["items"]
    return items


async def test_a_replay_is_started_by_its_form_and_its_result_and_manifest_can_be_taken(desk: Desk) -> None:
    await tell(desk)
    page = await sent(desk, JOBS, kind="REPLAY", as_of="2026-01-31", tz=ZONE, logs=SHOP, format="csv")
    assert (page.status, page.leads) == (303, JOBS)
    waiting = await shown(desk, JOBS)
    assert "Under way: 1." in waiting.text
    assert "QUEUED — waiting for its turn 0 of 0 events" in waiting.text
    assert await Worker(desk.service).run_one()
    (job,) = await own_jobs(desk)
    done = await shown(desk, JOBS)
    assert "Under way: 0." in done.text
    assert (
        "DONE — its result is ready as of 31 Jan 2026, 16:59:59 UTC , as known at the time of asking of shop"
        in done.text
    )
    assert {f"/v1/jobs/{job['id']}/result", f"/v1/jobs/{job['id']}/manifest", "/v1/jobs"} <= done.links
    assert (await desk.ask("GET", f"/v1/jobs/{job['id']}/result")).text.startswith("log,kind,subject,state")


async def test_a_comparison_is_of_both_moments_that_its_form_says(desk: Desk) -> None:
    await tell(desk)
    page = await sent(desk, JOBS, kind="DIFF", as_of="2026-01-09", and_as_of="2026-01-11", tz=ZONE, logs=SHOP)
    assert page.leads == JOBS
    assert await Worker(desk.service).run_one()
    (job,) = await own_jobs(desk)
    assert (job["kind"], job["state"]) == ("DIFF", "DONE")
    done = await shown(desk, JOBS)
    assert "Comparison" in done.text
    assert "and as of 11 Jan 2026, 16:59:59 UTC" in done.text


async def test_what_the_api_refuses_is_said_above_the_form_as_it_was_filled_in(desk: Desk) -> None:
    page = await sent(desk, JOBS, kind="REPLAY", as_of="the day before", tz=ZONE)
    assert page.status == 422
    assert "The request was refused as_of:" in page.text
    assert ("as_of", "the day before") in page.fields
    assert await own_jobs(desk) == []


async def test_a_job_that_waits_is_cancelled_and_one_that_has_ended_is_forgotten(desk: Desk) -> None:
    await tell(desk)
    waiting = await asked(desk, "/v1/replays", REPLAY)
    page = await sent(desk, f"{JOBS}/{waiting['id']}/cancellation")
    assert (page.status, page.leads) == (303, JOBS)
    assert [job["state"] for job in await own_jobs(desk)] == ["CANCELLED"]
    assert "CANCELLED — you cancelled it" in (await shown(desk, JOBS)).text
    await sent(desk, f"{JOBS}/{waiting['id']}/cancellation")
    assert await own_jobs(desk) == []


async def test_a_reader_sees_their_own_jobs_and_can_neither_see_nor_end_anothers(desk: Desk) -> None:
    await tell(desk)
    job = await worked(desk, "/v1/replays", REPLAY)
    other = await shown(desk, JOBS, who="other")
    assert ("You have none yet." in other.text, job["id"][:8] in other.text) == (True, False)
    refused = await sent(desk, f"{JOBS}/{job['id']}/cancellation", who="other")
    assert (refused.status, len(await own_jobs(desk))) == (404, 1)


@pytest.mark.parametrize("secret", [None, "", "another"])
async def test_a_form_without_the_browsers_secret_starts_and_ends_nothing(desk: Desk, secret: str | None) -> None:
    await tell(desk)
    job = await asked(desk, "/v1/replays", REPLAY)
    for path in (JOBS, f"{JOBS}/{job['id']}/cancellation"):
        assert (await sent(desk, path, secret=secret, kind="REPLAY", logs=SHOP)).status == 403
    assert [one["state"] for one in await own_jobs(desk)] == ["QUEUED"]


async def test_the_page_speaks_indonesian(desk: Desk) -> None:
    page = await shown(desk, JOBS, language="id")
    assert "Belum ada. Mulailah satu di bawah." in page.text
