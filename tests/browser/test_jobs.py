"""The page of jobs in a browser: started by its form, shown in place until it is done, taken along."""

import hashlib
from itertools import count

import msgspec
import pytest
from msgspec import Struct
from playwright.async_api import Page, Route, expect

from tests.browser.browsing import WAIT_MS, Visit
from tests.browser.downloads import taken
from tests.browser.workbench import Workbench

JOBS = "/workbench/jobs"
SEVERAL = 5
"""Jobs that wait behind each other for longer than a page takes to appear."""
LATE = 2
"""Times that the page is answered as though nothing had happened yet."""


class Own(Struct, frozen=True, eq=False):
    """The page of a reader who has no jobs yet, and their token."""

    page: Page
    token: str


@pytest.fixture
async def own(visit: Visit, workbench: Workbench) -> Own:
    """Return the page of jobs of a new operator."""
    token = await workbench.token("operator")
    await visit.page.goto(workbench.sign_in_link(token))
    await visit.page.goto(JOBS)
    return Own(visit.page, token)


async def test_a_replay_that_was_started_by_its_form_is_the_bytes_that_it_says(own: Own) -> None:
    form = own.page.get_by_role("form", name="Replay")
    await form.get_by_label("As of").fill("2021-09-01")
    await form.get_by_text("Choose logs").click()
    await form.get_by_label("lazada-id", exact=True).check()
    await form.get_by_role("button", name="Start the replay").click()
    job = own.page.locator("#jobs tbody tr")
    await expect(job).to_contain_text("DONE", timeout=WAIT_MS)
    await expect(job).to_contain_text("as of 1 Sep 2021, 23:59:59 WIB")
    result = await taken(own.page, job.get_by_role("link", name="Result"))
    digest = hashlib.sha256(result.content).hexdigest()
    await expect(job).to_contain_text(digest)
    manifest = msgspec.json.decode((await taken(own.page, job.get_by_role("link", name="Manifest"))).content)
    assert (manifest["result_sha256"], list(manifest["logs"])) == (digest, ["lazada-id"])


async def test_jobs_that_are_under_way_are_asked_for_in_place_until_they_are_done(
    own: Own, workbench: Workbench
) -> None:
    for _ in range(SEVERAL):
        response = await workbench.api.post(
            "/v1/replays", json={"tz": "UTC"}, headers={"Authorization": f"Bearer {own.token}"}
        )
        assert response.status_code == 202
    first = await own.page.reload()
    assert first is not None
    under_way, asked = await first.text(), count(1)

    async def late(route: Route) -> None:  # as though they took longer
        await (route.fulfill(body=under_way, content_type="text/html") if next(asked) <= LATE else route.continue_())

    await own.page.route(f"**{JOBS}", late)
    await expect(own.page.locator("[data-under-way]")).to_be_visible()
    await own.page.evaluate("window.sameDocument = true")
    await expect(own.page.locator("#count")).to_have_text("Under way: 0.", timeout=WAIT_MS)
    await expect(own.page.locator("#jobs .state")).to_have_text(["DONE"] * SEVERAL)
    await expect(own.page.locator("#spoken")).to_have_text("Under way: 0.")
    assert await own.page.evaluate("window.sameDocument") is True


async def test_a_job_is_forgotten_by_its_button(own: Own) -> None:
    await own.page.get_by_role("button", name="Start the comparison").click()
    job = own.page.locator("#jobs tbody tr")
    await expect(job).to_contain_text("DONE", timeout=WAIT_MS)
    await job.get_by_role("button").click()
    await expect(own.page.get_by_text("You have none yet.")).to_be_visible()
