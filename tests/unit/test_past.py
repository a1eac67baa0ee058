"""Where what begins with a prefix ends, in the order in which the database compares subjects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.replay import LAST, past

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
"""All that UTF-8 can write."""


@given(TEXTS, TEXTS)
def test_what_begins_with_a_prefix_comes_before_its_end_and_nothing_else_between(prefix: str, other: str) -> None:
    end = past(prefix).encode()
    for subject in (prefix + other, other):
        if subject < LAST:
            assert (prefix.encode() <= subject.encode() < end) == subject.startswith(prefix)


@pytest.mark.parametrize(
    ("prefix", "end"),
    [("listing:", "listing;"), ("", LAST), ("a\ud7ff", "a\ue000"), ("a\U0010ffff", "b"), ("\U0010ffff", LAST)],
)
def test_the_end_is_the_next_text_that_can_be_written(prefix: str, end: str) -> None:
    assert past(prefix) == end
