"""Steps of a fold, found by what a payload is of."""

from ledger.domain.fact import Fact
from ledger.domain.listing import ListingBlocked, ListingRelisted, ListingRestricted, ListingWithdrawn
from ledger.domain.payload import Payload
from ledger.domain.restriction import RestrictionPayload
from ledger.domain.steps import Step, Steps
from ledger.domain.unchecked import unchecked


def withdrawn(state: str, _payload: Payload, _: Fact) -> str:
    return f"{state}, withdrawn"


def imposed(state: str, _payload: Payload, _: Fact) -> str:
    return f"{state}, imposed"


def blocked(state: str, _payload: Payload, _: Fact) -> str:
    return f"{state}, blocked"


def other(state: str, _payload: Payload, _: Fact) -> str:
    return state


def test_the_step_is_that_of_the_first_shape_that_a_type_is_of() -> None:
    steps = Steps({ListingWithdrawn: withdrawn, RestrictionPayload: imposed, ListingBlocked: blocked}, other)
    expected: dict[type[Payload], Step[str]] = {
        ListingWithdrawn: withdrawn,
        ListingRestricted: imposed,
        ListingBlocked: imposed,
        ListingRelisted: other,
        Payload: other,
    }
    read_again: dict[type[Payload], type[Payload]] = {event: unchecked(event) for event in expected}
    for _ in range(2):  # the second time from what was found
        assert {event: steps[event] for event in expected} == expected
        assert {event: steps[again] for event, again in read_again.items()} == expected
