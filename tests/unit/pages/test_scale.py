"""Time as a length: order is kept, short spans are seen, and what is outside stands at the edge."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from api.pages.scale import EQUAL_SHARE, scale_over

START, END = 100.0, 900.0
FIRST, LAST = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2040-01-01")
INSTANTS = st.lists(
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    min_size=2,
    max_size=40,
    unique=True,
)


@given(INSTANTS)
def test_instants_keep_their_order_and_each_gap_has_its_equal_share(instants: list[datetime]) -> None:
    scale = scale_over(instants, START, END)
    places = [scale.at(instant) for instant in sorted(instants)]
    least = EQUAL_SHARE * (END - START) / (len(instants) - 1)
    assert all(later - earlier > least * 0.99 for earlier, later in pairwise(places))
    assert (places[0], round(places[-1], 6)) == (START, END)


def test_an_instant_between_two_stands_between_them_and_one_outside_at_the_edge() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    scale = scale_over([first, first + timedelta(days=2)], START, END)
    assert scale.at(first + timedelta(days=1)) == (START + END) / 2
    assert (scale.at(first - timedelta(days=1)), scale.at(first + timedelta(days=9))) == (START, END)
