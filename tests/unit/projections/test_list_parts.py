"""Of how many keys of a long log a page of a list goes on."""

import pytest

from projections.lists import GATHERED_MAX_KEYS, GATHERED_MIN_KEYS, next_keys


@pytest.mark.parametrize(
    ("keys", "found", "missing", "then"),
    [
        (200, 60, 40, 200),  # one in 3.3: 134 for what is missing, and half as many more
        (200, 100, 1, GATHERED_MIN_KEYS),
        (200, 10, 90, 400),
        (200, 0, 100, 400),
        (GATHERED_MAX_KEYS, 0, 100, GATHERED_MAX_KEYS),
        (10, 1, 1, GATHERED_MIN_KEYS),
    ],
)
def test_a_page_goes_on_of_as_many_keys_as_its_items_are_expected_in(
    keys: int, found: int, missing: int, then: int
) -> None:
    assert next_keys(keys, found, missing) == then
