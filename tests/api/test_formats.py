"""The form of a list, said in a link: a browser that follows one sends no Accept header of its own choice."""

import pytest

from tests.api.desk import SHOP, Desk, published

LISTS = ("/v1/events", f"/v1/logs/{SHOP}/events", "/v1/export", f"/v1/logs/{SHOP}/export", "/v1/listings")
MEDIA = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
async def told(shared_desk: Desk) -> Desk:
    """Return a desk that knows of two listings."""
    await shared_desk.tell(published("L1", title="batik"), published("L2"))
    return shared_desk


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("form", MEDIA)
async def test_a_link_says_the_form_of_a_list_and_is_answered_as_the_header_is(
    told: Desk, path: str, form: str
) -> None:
    by_link = await told.ask("GET", path, headers=BROWSER, format=form)
    by_header = await told.ask("GET", path, headers={"Accept": MEDIA[form]})
    assert by_link.headers["content-type"].partition(";")[0] == MEDIA[form]
    # the moment of a list of states is that of the question, and stands in a header
    assert (by_link.status_code, by_link.content) == (200, by_header.content)


async def test_a_form_that_there_is_none_of_is_refused_by_its_name(told: Desk) -> None:
    assert await told.refusal("/v1/events", format="xml") == (422, "invalid-parameter", "/format")
