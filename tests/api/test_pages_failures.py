"""What the workbench shows where there is nothing to show: a page, with the status that the API has."""

import pytest

from tests.api.desk import SHOP, Desk

HTML, PROBLEM = "text/html; charset=utf-8", "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/workbench/tokens", 403, "This token&#39;s role may not do this"),
        ("/workbench/nothing", 404, "There is no such thing"),
        ("/workbench/lists/listings?as_of=2021-13-01", 422, "as_of"),
        ("/workbench/subject?subject=listing:shop:none", 404, "listing:shop:none"),
    ],
)
async def test_what_cannot_be_shown_is_a_page_that_says_why(desk: Desk, path: str, status: int, words: str) -> None:
    response = await desk.ask("GET", path)

    assert (response.status_code, response.headers["content-type"]) == (status, HTML)
    assert words.lower() in response.text.lower()


async def test_the_api_answers_its_own_problems_as_it_does_to_everybody(desk: Desk) -> None:
    response = await desk.ask("GET", "/v1/tokens")

    assert (response.status_code, response.headers["content-type"]) == (403, PROBLEM)


async def test_a_form_without_its_secret_is_a_page_that_says_what_to_do(desk: Desk) -> None:
    response = await desk.ask("POST", "/workbench/preferences", content=b"language=id")

    assert (response.status_code, response.headers["content-type"]) == (403, HTML)
    assert "open the page again" in response.text
    assert SHOP not in response.text
