"""The histories kept in memory: bounded, what was not used for longest goes first, and never one still needed."""

import pytest

import ledger.histories
from ledger.domain.catalogue import decode_payload
from ledger.domain.history import HISTORY_BYTES, History
from ledger.histories import Histories

FITTING = 10
"""Histories without events that fit, half of them in each generation."""


def held(count: int) -> tuple[Histories, list[str]]:
    """Return histories that were put one after the other and bounded after each, and their subjects."""
    histories, subjects = Histories(FITTING * HISTORY_BYTES), [f"listing:s:{number:02d}" for number in range(count)]
    for subject in subjects:
        histories.put(subject, History(decode_payload))
        histories.bound(())
    return histories, subjects


def left(histories: Histories, subjects: list[str]) -> list[str]:
    return [subject for subject in subjects if histories.recall(subject) is not None]


def test_all_are_held_that_fit() -> None:
    histories, subjects = held(FITTING - 1)

    assert left(histories, subjects) == subjects


def test_what_was_not_used_for_longest_goes() -> None:
    histories, subjects = held(FITTING - 1)
    used = histories.recall(subjects[0])
    histories.bound(())

    assert left(histories, subjects) == [subjects[0], *subjects[FITTING // 2 :]]
    assert histories.recall(subjects[0]) is used


def test_what_is_kept_stays_however_long_it_was_not_used() -> None:
    histories, subjects = held(FITTING // 2)
    for number in range(3 * FITTING):
        histories.put(f"seller:s:{number}", History(decode_payload))
        histories.bound(subjects[:1])

    assert left(histories, subjects) == subjects[:1]


def test_events_that_came_since_weigh_too() -> None:
    histories, subjects = held(2)
    histories.grew(FITTING * HISTORY_BYTES)
    histories.bound(())
    histories.grew(FITTING * HISTORY_BYTES)
    histories.bound(())

    assert (left(histories, subjects), bool(histories)) == ([], False)


def test_those_that_go_do_so_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.histories, "LEAVING_STEP", 2)
    histories, subjects = held(FITTING)
    left = [len(histories._leaving)]  # pyright: ignore[reportPrivateUsage]
    while left[-1]:
        histories.bound(())
        left.append(len(histories._leaving))  # pyright: ignore[reportPrivateUsage]

    assert left == [5, 3, 1, 0]
    assert [subject in histories for subject in subjects].count(True) == 0


def test_what_is_forgotten_is_gone_from_either_generation() -> None:
    histories, subjects = held(FITTING - 1)
    for subject in (subjects[0], subjects[-1]):
        histories.forget(subject)

    assert left(histories, subjects) == subjects[1:-1]
    histories.clear()
    assert (left(histories, subjects), bool(histories)) == ([], False)
