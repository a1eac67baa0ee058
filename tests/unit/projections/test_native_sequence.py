"""Gaps in a source's own counter, against plain sets of numbers."""

from hypothesis import given
from hypothesis import strategies as st

from projections.completeness.native_sequence import Declared, Gap, Mark, NativeSequence, missing_within, sequence_gaps

NUMBERS = st.integers(-12, 12)
SAYS = Mark(event="closing", subject="platform:shop")


def mark(number: int) -> Mark:
    return Mark(event=f"e{number}", subject="listing:shop:A")


def sequence(numbers: list[int]) -> NativeSequence:
    found = NativeSequence()
    for number in numbers:
        found.add(number, mark(number))
    return found


@given(st.lists(NUMBERS), st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3))
def test_gaps_are_the_numbers_missing_between_the_lowest_and_the_highest(
    numbers: list[int], ranges: list[tuple[int, int]]
) -> None:
    declared = [Declared(first=min(ends), last=max(ends), mark=SAYS) for ends in ranges]
    gaps = sequence_gaps(sequence(numbers), declared)
    ends = {*numbers, *(end for one in ranges for end in one)}
    missing = set(range(min(ends), max(ends) + 1)) - set(numbers) if ends else set[int]()
    listed = [number for gap in gaps for number in range(gap.first, gap.last + 1)]
    assert listed == sorted(missing)
    assert sum(gap.missing for gap in gaps) == len(missing)
    for first, last in ranges:
        assert missing_within(gaps, first, last) == len(missing & set(range(first, last + 1)))
    for gap in gaps:
        assert gap.mark == (mark(gap.last + 1) if gap.last + 1 in numbers else SAYS)
        assert gap.first - 1 not in missing


@given(st.lists(NUMBERS))
def test_no_more_is_held_than_there_are_runs(numbers: list[int]) -> None:
    begins = sorted(number for number in set(numbers) if number - 1 not in numbers)
    runs = list(sequence(numbers).runs())
    assert [(run.first, run.mark) for run in runs] == [(number, mark(number)) for number in begins]
    assert sum(run.last - run.first + 1 for run in runs) == len(set(numbers))


def test_a_gap_shows_at_the_event_after_it_and_one_at_the_end_at_what_declares_it() -> None:
    declared = [Declared(first=1, last=12, mark=SAYS)]
    assert sequence_gaps(sequence([9, 3, 4, 8, 4, 10]), declared) == [
        Gap(first=1, last=2, mark=mark(3)),
        Gap(first=5, last=7, mark=mark(8)),
        Gap(first=11, last=12, mark=SAYS),
    ]


def test_what_never_came_at_all_is_missing_only_where_it_was_declared() -> None:
    assert sequence_gaps(NativeSequence()) == []
    assert sequence_gaps(NativeSequence(), [Declared(first=5, last=5, mark=SAYS)]) == [Gap(first=5, last=5, mark=SAYS)]
