"""Logs at which a follower stopped: named once, tried again after longer and longer waits, and forgotten."""

import asyncpg
import pytest

from projections.stopped_logs import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, StoppedLogs

BAD, GOOD = 1, 2


class Clock:
    """A clock that stands until it is told to go."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def fail(stopped: StoppedLogs, error: Exception) -> None:
    """Let the following of the bad log fail."""
    with stopped.naming(BAD):
        raise error


def waited(stopped: StoppedLogs, clock: Clock) -> float:
    """Return how many seconds pass until the bad log has its turn."""
    began = clock.seconds
    while not stopped.has_turn(BAD):
        clock.seconds += FIRST_WAIT_SECONDS
    return clock.seconds - began


def test_a_log_that_fails_again_waits_twice_as_long_and_never_longer_than_the_longest() -> None:
    clock = Clock()
    stopped = StoppedLogs("the views", clock)
    waits: list[float] = []
    for _ in range(8):
        fail(stopped, ValueError("no JSON"))
        waits.append(waited(stopped, clock))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]
    assert (stopped.has_turn(GOOD), stopped.reasons) == (True, {BAD: "ValueError: no JSON"})


def test_a_log_that_goes_on_is_forgotten_and_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    stopped = StoppedLogs("the views", clock)
    for _ in range(3):
        fail(stopped, ValueError("no JSON"))
    stopped.go_on(BAD)
    stopped.go_on(BAD)
    assert (stopped.reasons, stopped.has_turn(BAD)) == ({}, True)
    fail(stopped, ValueError("no JSON"))
    assert waited(stopped, clock) == FIRST_WAIT_SECONDS
    said = "the views of log 1 stopped; it is tried again, and the other logs go on"
    assert caplog.messages == [said, "the views of log 1: followed again", said]


def test_why_a_log_stopped_is_told_without_what_the_database_quotes() -> None:
    stopped = StoppedLogs("the views", Clock())
    fail(stopped, asyncpg.UniqueViolationError("the key is there\nDETAIL: somebody's name"))
    assert stopped.reasons == {BAD: "UniqueViolationError: the key is there"}


def test_what_is_to_be_tried_at_once_waits_no_longer() -> None:
    stopped = StoppedLogs("the views", Clock())
    fail(stopped, ValueError("no JSON"))
    assert not stopped.has_turn(BAD)
    stopped.try_at_once()
    assert stopped.has_turn(BAD)


def test_the_database_going_away_is_no_logs_fault() -> None:
    stopped = StoppedLogs("the views", Clock())
    with pytest.raises(asyncpg.CannotConnectNowError):
        fail(stopped, asyncpg.CannotConnectNowError("starting"))
    assert stopped.reasons == {}


def test_how_many_have_stopped_knows_only_who_follows() -> None:
    stopped = StoppedLogs("the views", Clock())
    counts = [stopped.count]
    stopped.begin()
    counts.append(stopped.count)
    fail(stopped, ValueError("no JSON"))
    assert [*counts, stopped.count] == [None, 0, 1]
