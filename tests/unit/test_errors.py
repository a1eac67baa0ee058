"""What is told of an error that is not ours."""

import asyncpg
import pytest

from ledger.errors import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionResetError(104, "reset by peer"), "[Errno 104] reset by peer"),
        (TimeoutError(), "TimeoutError"),
        (asyncpg.UniqueViolationError("the id is there\nDETAIL: somebody's name"), "the id is there"),
    ],
)
def test_the_reason_of_an_error_is_one_line_and_never_empty(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
