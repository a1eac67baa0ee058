"""The histories kept in memory: bounded, the oldest first, and never one that is still needed."""

from ledger.domain.catalogue import decode_payload
from ledger.domain.history import HISTORY_BYTES, History
from ledger.histories import WEIGHED_EVERY, Histories

FITTING = 10


def held(count: int) -> Histories:
    """Return histories, of which FITTING fit."""
    histories = Histories(FITTING * HISTORY_BYTES)
    for number in range(count):
        histories[f"listing:s:{number:02d}"] = History(decode_payload)
    return histories


def test_what_does_not_fit_goes_the_oldest_first_but_not_what_is_kept() -> None:
    histories = held(FITTING + 3)
    subjects = list(histories)
    histories.bound({subjects[1]})
    assert list(histories) == [subjects[1], *subjects[4:]]


def test_nothing_goes_while_all_fits() -> None:
    histories = held(FITTING)
    histories.bound(())
    assert len(histories) == FITTING


def test_they_are_weighed_again_when_they_may_have_grown_by_a_part_of_what_they_may_take() -> None:
    histories = held(1)
    part = -(-FITTING * HISTORY_BYTES // WEIGHED_EVERY)
    seen: list[bool] = []
    for grown in (part - 1, 1):
        histories.grew(0, grown)
        seen.append(histories.may_pass_the_bound)
    histories.bound(())
    assert [*seen, histories.may_pass_the_bound] == [False, True, False]
    histories.grew(1, 0)  # one event is already more than a part of so little
    assert histories.may_pass_the_bound
